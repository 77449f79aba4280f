import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tensor } from "tensorgrad";
import { tensors as ops } from "tensorgrad/functions";
import { afterAll, describe, expect, it, vi } from "vitest";
import { main } from "./cli.ts";
import { readCounterexample, replay } from "./gradients/counterexamples.ts";

const folder = mkdtempSync(join(tmpdir(), "verify-"));
afterAll(() => rmSync(folder, { recursive: true }));

let once: ReturnType<typeof run> | null = null;
/** One run, in which several tests look for different things. */
const tanh = () => (once ??= run("gradients", "--quick", "--filter", "tanh", "--json"));

describe("verify", () => {
  it("passes gradients of one operation, with one JSON object on the last line", async () => {
    const { code, lines } = await tanh();
    expect(code).toBe(0);
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({
      firstOrder: { passed: 3, total: 3 },
      secondOrder: { passed: 3, total: 3 },
      references: { passed: 2, total: 2 },
      kernels: null,
      planted: null,
      parity: { operations: null, models: null, gradients: null, trainingSteps: null },
    });
    expect(lines.filter((line) => line.startsWith("ok"))).toHaveLength(5);
  });

  it("counts operations, layers and losses, and those with a row", async () => {
    const { lines } = await tanh();
    const { operations, withCase } = JSON.parse(lines.at(-1) ?? "");
    expect(operations).toBeGreaterThan(60);
    expect(withCase).toBeGreaterThan(60);
  });

  it("compares with ONNX Runtime, and writes a report that needs no network", async () => {
    const dir = join(folder, "parity");
    const { code, lines } = await run("parity", "--quick", "--filter", "XOR", "--report", dir, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(lines.at(-1) ?? "").parity.models).toEqual({ passed: 1, total: 1 });
    expect(readdirSync(dir).sort()).toEqual(["index.html", "parity.html", "parity.json", "parity.md"]);
    const html = readFileSync(join(dir, "parity.html"), "utf8");
    expect(html).toContain("XOR 2-8-1");
    expect(html).not.toMatch(/https?:\/\/|src=|<link/);
    const { results, versions, machine } = JSON.parse(readFileSync(join(dir, "parity.json"), "utf8"));
    expect(results.models[0].nodes.length).toBe(3);
    expect(versions).toHaveProperty("onnxruntime");
    expect(machine).toMatch(/cores/);
    expect(readFileSync(join(dir, "parity.md"), "utf8")).toMatch(/\| XOR 2-8-1 \| ok \| 64\/64 \|/);
  });

  it("exits with 1 on a miss, names it, and saves a counterexample that can be replayed", async () => {
    const right = ops.Sin.prototype.backward;
    try {
      ops.Sin.prototype.backward = function (g: Tensor) {
        return right.call(this, g.mul(1.001));
      };
      const { code, lines } = await run(
        "gradients",
        "--quick",
        "--filter",
        "sin",
        "--report",
        folder,
        "--json",
      );
      expect(code).toBe(1);
      expect(lines.filter((line) => line.startsWith("missed"))).toHaveLength(1);
      expect(JSON.parse(lines.at(-1) ?? "").firstOrder).toEqual({ passed: 3, total: 4 });
      const saved = readCounterexample(join(folder, "counterexamples", "sin-1.json"));
      expect(saved).toMatchObject({ row: "sin", law: "differences" });
      expect(saved.inputs[0].data.length).toBeLessThanOrEqual(8);
      expect(replay(saved)?.law).toBe("differences");
      const still = await run("replay", join(folder, "counterexamples", "sin-1.json"));
      expect([still.code, still.lines[0]]).toEqual([
        1,
        expect.stringContaining("still wrong (law: differences)"),
      ]);
      ops.Sin.prototype.backward = right;
      expect(replay(saved)).toBeNull();
      const gone = await run("replay", join(folder, "counterexamples", "sin-1.json"));
      expect([gone.code, gone.lines]).toEqual([0, ["sin: right by now"]]);
    } finally {
      ops.Sin.prototype.backward = right;
    }
  });

  it("plants faults and counts what was caught", async () => {
    const { code, lines } = await run("planted", "--quick", "--filter", "sqrt", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(lines.at(-1) ?? "").planted.caught).toBeGreaterThan(0);
  });

  it("is the same for the same seed", async () => {
    const [a, b] = [await tanh(), await run("gradients", "--quick", "--filter", "tanh")];
    const settled = (lines: string[]) => lines.filter((line) => line.startsWith("ok"));
    expect(settled(a.lines)).toHaveLength(5);
    expect(settled(a.lines)).toEqual(settled(b.lines));
  });
});

describe("a bad call", () => {
  it("is refused with exit code 2 and a reason", async () => {
    expect(await refusal("gradients", "--fast")).toMatchInlineSnapshot(`"error: unknown option '--fast'"`);
    expect(await refusal("gradient")).toMatchInlineSnapshot(`"error: unknown command 'gradient'"`);
    expect(await refusal("all", "--seed", "1.5")).toMatchInlineSnapshot(
      `"error: option '--seed <integer>' argument '1.5' is invalid. --seed takes an integer from 0 to 2147483647, got "1.5"."`,
    );
    expect(await refusal("all", "--runs", "0")).toMatchInlineSnapshot(
      `"error: option '--runs <count>' argument '0' is invalid. --runs takes an integer from 1 to 2147483647, got "0"."`,
    );
    expect(await refusal("all", "--seed")).toMatchInlineSnapshot(
      `"error: option '--seed <integer>' argument missing"`,
    );
    expect(await refusal("gradients", "tanh")).toMatchInlineSnapshot(
      `"error: too many arguments for 'gradients'. Expected 0 arguments but got 1."`,
    );
  });

  it("names a counterexample file that is not there, or is none", async () => {
    expect(await refusal("replay", "no-such-file.json")).toMatchInlineSnapshot(
      `"replay: no-such-file.json: there is no such file — expected a counterexample"`,
    );
    const file = join(folder, "empty.json");
    writeFileSync(file, "{}");
    expect((await refusal("replay", file)).replace(folder, "<folder>")).toMatchInlineSnapshot(
      `"replay: <folder>/empty.json — not a counterexample: row, law, message, path, seed, directionSeed and inputs are needed"`,
    );
  });

  it("that filters everything away is a miss, not a success", async () => {
    const { code, lines } = await run("gradients", "--filter", "no such thing");
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe('missed: nothing has "no such thing" in its name');
  });
});

async function refusal(...args: string[]): Promise<string> {
  const { code, errors } = await run(...args);
  expect(code).toBe(2);
  return errors.split("\n")[0];
}

async function run(...args: string[]): Promise<{ code: number; lines: string[]; errors: string }> {
  const lines: string[] = [];
  const errors: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => errors.push(String(text)) > 0);
  try {
    return { code: await main(args, (line) => lines.push(line)), lines, errors: errors.join("") };
  } finally {
    spy.mockRestore();
  }
}
