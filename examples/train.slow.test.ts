import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { listRuns, loadConfig } from "tensorgrad/train/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "..");
const program = ["--import", "tsx", join(here, "train.ts")];
let runs: string;
beforeEach(() => {
  runs = mkdtempSync(join(tmpdir(), "train-"));
});
afterEach(() => rmSync(runs, { recursive: true }));

function train(...args: string[]) {
  const env = { ...process.env, TENSORGRAD_RUNS: runs };
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, ...args], {
    cwd: root,
    encoding: "utf8",
    env,
  });
  return {
    status,
    stdout,
    stderr,
    result: JSON.parse(status === 0 ? (stdout.trim().split("\n").at(-1) ?? "") : "{}"),
  };
}

describe("examples/configs", () => {
  it("are all valid", () => {
    const folder = join(here, "configs");
    const names = readdirSync(folder).map((file) => loadConfig(join(folder, file)).name);
    expect(names).toEqual(["digits-mlp", "spirals-mlp"]);
  });
});

describe("train", () => {
  it("learns what a file describes, at full length and with the file's seed", () => {
    const { status, result } = train("--json");
    expect(status).toBe(0);
    expect(result).toMatchObject({ run: "spirals-mlp-001", epochs: 40, steps: 1000 });
    expect(result.testAccuracy).toBeGreaterThan(0.98);
    expect(listRuns(runs)).toMatchObject([{ seed: 7, status: "finished" }]);
  });

  it("goes on after Ctrl-C, and comes to the same end", async () => {
    const whole = train("--quick", "--json");
    const child = spawn(process.execPath, [...program, "--quick", "--json"], {
      cwd: root,
      env: { ...process.env, TENSORGRAD_RUNS: join(runs, "interrupted") },
    });
    const ended = new Promise((done) => child.on("close", done));
    const begun = new Promise<void>((done) => {
      child.stdout.on("data", (text) => String(text).includes("epoch 2/15") && done());
    });
    await Promise.race([begun, ended]); // one that ends early is not waited for
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    runs = join(runs, "interrupted");
    expect(listRuns(runs)).toMatchObject([
      { id: "spirals-mlp-001", status: "stopped", reason: "interrupted" },
    ]);
    const rest = train("--quick", "--json", "--resume", "spirals-mlp-001");
    runs = dirname(runs);
    expect(rest.stdout).toContain("goes on after step");
    expect(rest.result).toEqual(whole.result);
  });

  it("says what is wrong with a configuration", () => {
    const { status, stderr } = train("--set", "model.hiden=[3]");
    expect(status).toBe(2);
    expect(stderr).toContain(
      "--set model.hiden=[3]: model.hiden is unknown — the keys here are hidden, activation, dropout; did you mean hidden?",
    );
  });
});
