import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { trainXor, type XorProgress } from "./xor.ts";

const here = dirname(fileURLToPath(import.meta.url));

describe("trainXor", () => {
  it("learns all four on at least 95 of 100 seeds, where a linear model never gets more than three", () => {
    const runs = Array.from({ length: 100 }, (_, seed) => trainXor({ seed, steps: 200 }));
    const solved = runs.filter(({ accuracy }) => accuracy === 1);
    expect(solved.length).toBeGreaterThanOrEqual(95);
    for (const { linearAccuracy } of runs) expect(linearAccuracy).toBeLessThanOrEqual(0.75);
  });

  it("reports a loss that the predictions confirm, recomputed without the engine", () => {
    const { predict, losses, accuracy } = trainXor({ seed: 4 });
    const right = [1 - predict(0, 0), predict(0, 1), predict(1, 0), 1 - predict(1, 1)];
    const loss = -right.reduce((sum, p) => sum + Math.log(p), 0) / 4;
    expect(right.filter((p) => p > 0.5).length / 4).toBe(accuracy);
    expect(loss).toBeLessThan(losses.at(-1)!); // one step later
    expect(loss).toBeGreaterThan(0.98 * losses.at(-1)!);
    expect(losses[0]).toBeGreaterThan(0.5);
    expect(losses.at(-1)).toBeLessThan(0.01);
  });

  it("moves every parameter, the weights by more than a quarter of their norm", () => {
    const before = trainXor({ seed: 5, steps: 0 })
      .model.parameters()
      .map((p) => p.data);
    const after = trainXor({ seed: 5 })
      .model.parameters()
      .map((p) => p.data);
    const moved = after.map((w, i) => w - before[i]!);
    expect(moved.every((difference) => difference !== 0)).toBe(true);
    expect(Math.hypot(...moved)).toBeGreaterThan(0.25 * Math.hypot(...before));
  });

  it("is the same run for the same seed, and tells about every step", () => {
    const steps: XorProgress[] = [];
    const { losses } = trainXor({ seed: 3, steps: 50, onStep: (progress) => steps.push(progress) });
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(steps.map(({ loss }) => loss)).toEqual(losses);
    expect(trainXor({ seed: 3, steps: 50 }).losses).toEqual(losses);
  });
});

describe("the program", () => {
  it("ends with one JSON object", () => {
    const { status, stdout } = run("--quick", "--seed", "2", "--json");
    const result = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
    expect(result).toMatchObject({ accuracy: 1, seed: 2, steps: 200, misses: [] });
    expect(result.linearAccuracy).toBeLessThanOrEqual(0.75);
    expect(result.loss).toBeLessThan(0.05);
    expect(result.seconds).toBeGreaterThan(0);
    expect(status).toBe(0);
  });

  it("prints progress and the boundary, the four points on their sides", () => {
    const { stdout } = run();
    expect(stdout.match(/^step .*$/gm)).toHaveLength(10);
    const plane = stdout.split("\n").filter((line) => line.length === 41);
    expect(plane).toHaveLength(17);
    expect([plane[4]![10], plane[4]![30], plane[12]![10], plane[12]![30]]).toEqual(["1", "0", "0", "1"]);
  });

  it.each([
    ["--fast", /unknown option '--fast'/],
    ["--seed=x", /--seed/],
    ["--seed=-1", /--seed/],
    ["extra", /extra|too many arguments/],
  ])("refuses %s with one line that says why", (flag, message) => {
    const { status, stdout, stderr } = run(flag);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
  });
});

function run(...flags: string[]) {
  return spawnSync(process.execPath, ["--import", "tsx", "examples/xor.ts", ...flags], {
    cwd: resolve(here, ".."),
    encoding: "utf8",
  });
}
