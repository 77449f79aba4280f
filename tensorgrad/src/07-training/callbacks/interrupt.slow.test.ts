import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fingerprint, finish, makeRun } from "../../../tests/07-training/training-run.fixture.ts";
import { Checkpoints } from "../checkpoints/checkpoints.ts";
import { Interrupt } from "./interrupt.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "interrupt-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("Interrupt", () => {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`ends a process with ${code} after ${signal}: the step finished, the training saved`, async () => {
      const { child, line, ended } = launch("20");
      await line("step 40");
      child.kill(signal);
      const { status, stderr } = await ended;
      expect(status).toBe(code);
      expect(stderr).toBe(`${signal}: finishing the step; once more to stop at once\n`);

      const whole = makeRun();
      await finish(whole);
      const { run, checkpoints } = resumable();
      const info = await checkpoints.resume(run.trainer);
      expect(info?.steps).toBeGreaterThanOrEqual(40);
      await finish(run);
      expect(fingerprint(run.model)).toBe(fingerprint(whole.model));
    });
  }

  it("ends a process at once when asked twice", async () => {
    const { child, line, ended } = launch("600000"); // a callback that would keep it for ten minutes
    await line("step 40");
    child.kill("SIGINT");
    await line("SIGINT");
    child.kill("SIGINT");
    expect((await ended).status).toBe(130);
    // The checkpoint of the epoch before, and who worked here: the next owner sees that this one is gone.
    expect(readdirSync(folder).sort()).toEqual(["owner.json", "step-00000032.safetensors"]);
  });
});

// ————— helpers

const program = fileURLToPath(
  new URL("../../../tests/07-training/interrupt-child.fixture.ts", import.meta.url),
);

/** A training in a process of its own; `line` waits until its output has a text. */
function launch(pause: string) {
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", program, folder, pause]);
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (text) => {
    stdout += text;
  });
  child.stderr?.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<{ status: number | null; stderr: string }>((resolve) => {
    child.on("close", (status) => resolve({ status, stderr }));
  });
  const line = async (text: string): Promise<void> => {
    while (!`${stdout}${stderr}`.includes(text)) {
      if (child.exitCode !== null) throw new Error(`ended before "${text}": ${stdout}${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { child, line, ended };
}

function resumable() {
  let checkpoints = new Checkpoints({ folder });
  const run = makeRun({
    callbacks: (loader) => {
      checkpoints = new Checkpoints({ folder, loader });
      return [checkpoints, new Interrupt(), {}];
    },
  });
  return { run, checkpoints };
}
