import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { exampleScripts, runExample } from "./run-all.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "run-all-"));
  // The output of a failed example goes to standard error, where it would only confuse the test's own.
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe("runExample", () => {
  it("passes an example that ends well, with its numbers in short", () => {
    const row = run(
      "console.log('epoch 1'); console.log(JSON.stringify({ accuracy: 0.98123456, misses: [] }))",
    );
    expect(row).toMatchObject({ name: "example", result: "accuracy 0.98123", problem: "" });
    expect(row.seconds).toBeGreaterThan(0);
  });

  it("hands the flags on", () => {
    const row = run(
      "console.log(JSON.stringify({ given: process.argv.slice(2).join(' ') }))",
      "--quick",
      "--json",
    );
    expect(row.result).toBe("given --quick --json");
  });

  it("names a missed target", () => {
    const row = run(`console.log('{"misses":["loss is 2, the target is at most 1"]}'); process.exitCode = 1`);
    expect(row.problem).toMatchInlineSnapshot(`"exit code 1; loss is 2, the target is at most 1"`);
  });

  it("does not take success on trust: the last line must be a JSON object", () => {
    expect(run(`console.log('{"a":1}'); console.log("done")`).problem).toMatchInlineSnapshot(
      `"the last line is not a JSON object"`,
    );
    expect(run("").problem).toBe(run("console.log('[1]')").problem);
  });

  it("reports a crash even after a fine last line", () => {
    expect(run(`console.log('{"a":1}'); process.exitCode = 3`).problem).toMatchInlineSnapshot(
      `"exit code 3"`,
    );
    expect(run("process.kill(process.pid, 'SIGKILL')").problem).toMatch(/ended by SIGKILL|exit code/);
  });
});

describe("exampleScripts", () => {
  it("finds every program of this folder but the runner itself, milestones last and in order", () => {
    const names = exampleScripts().map((script) => basename(script));
    expect(names).not.toContain("run-all.ts");
    expect(names.filter((name) => name.includes(".test."))).toEqual([]);
    const milestones = names.filter((name) => /^\d/.test(name));
    expect(names.slice(names.length - milestones.length)).toEqual([...milestones].sort());
  });
});

function run(body: string, ...args: string[]) {
  const script = join(folder, "example.ts");
  writeFileSync(script, body);
  return runExample(script, args);
}
