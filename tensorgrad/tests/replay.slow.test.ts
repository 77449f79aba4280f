import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, runsIn } from "./cli/runs.fixture.ts";

const program = fileURLToPath(new URL("07-training/experiment-child.fixture.ts", import.meta.url));
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "replay-cli-"));
  for (const args of [["8"], ["12"], ["12", "cheat"]]) {
    const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", program, root, ...args], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
  }
});
afterAll(() => rmSync(root, { recursive: true }));

const runs = (...args: string[]): Promise<Answer> => runsIn(root, ...args);

describe("tensorgrad runs replay", () => {
  it("replays, and finds all numbers again", async () => {
    const { code, out, err } = await runs("replay", "--yes", "spiral-002");
    expect(out.split("\n")[0]).toBe("spiral-002: identical, 12 steps and 2 epochs");
    expect([code, err]).toEqual([0, "trained spiral-001\n"]); // in a folder of its own
    const { out: json } = await runs("replay", "--yes", "spiral-001", "--json");
    expect(JSON.parse(json)).toMatchObject({
      id: "spiral-001",
      identical: true,
      steps: 12,
      epochs: 2,
      difference: null,
    });
    expect(JSON.parse((await runs("list", "--json")).out)).toHaveLength(3);
  });

  it("tells the first number that a replay does not find again", async () => {
    const { code, out } = await runs("replay", "--yes", "spiral-003", "--quiet");
    expect(code).toBe(1);
    expect(out).toMatch(/^spiral-003: different at step 1 \(epoch 1\): lr was 0\.02\d+, is now 0\.02\d+/);
  });

  it("finds a change in the last bit of a single number", async () => {
    const path = join(root, "spiral-001", "metrics.jsonl");
    const text = readFileSync(path, "utf8");
    const lines = text.trimEnd().split("\n");
    const line = JSON.parse(lines[8]);
    const before = line.loss;
    line.loss = before * (1 + Number.EPSILON);
    writeFileSync(path, `${lines.with(8, JSON.stringify(line)).join("\n")}\n`);
    const { code, out } = await runs("replay", "--yes", "spiral-001", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(out).difference).toEqual({
      at: "step 8 (epoch 2)",
      key: "loss",
      recorded: line.loss,
      replayed: before,
    });
    writeFileSync(path, text);
  });

  it("says when the program does not make the run any more", async () => {
    const path = join(root, "spiral-001", "run.json");
    const text = readFileSync(path, "utf8");
    const record = JSON.parse(text);
    writeFileSync(
      path,
      JSON.stringify({
        ...record,
        command: { ...record.command, node: ["-e", "process.exitCode = 3"], program: [] },
      }),
    );
    const { code, out } = await runs("replay", "--yes", "spiral-001");
    expect(code).toBe(1);
    expect(out).toMatchInlineSnapshot(`
      "spiral-001: nothing to compare
      note: the program ended with exit code 3
      note: the program made no run "spiral"; does it still have an Experiment among its callbacks?"
    `);
    writeFileSync(path, text);
  });
});
