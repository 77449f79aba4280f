import { describe, expect, it } from "vitest";
import { cases } from "../table/cases.ts";
import { operationGradientParity, randomGradientParity } from "./backward-rules.ts";
import { checkDifferenceCase } from "./differences.ts";
import { checkGradientCase, gradientCases } from "./gradients-cases.ts";
import { randomModelParity } from "./random.ts";
import { checkTrainingCase, trainingCases } from "./training-cases.ts";

const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 100);

describe("on many seeds, no false alarm in", () => {
  it("2000 random models", async () => {
    expect((await randomModelParity({ seed: 100, runs: 2000 })).failure).toBe(null);
  });

  it("500 random models' gradients", async () => {
    expect((await randomGradientParity({ seed: 100, runs: 500 })).failure).toBe(null);
  });

  it("the rules of all operations", async () => {
    for (const row of cases) {
      const { failure } = await operationGradientParity(row, { seed: 100, runs: 30 });
      expect([row.name, failure]).toEqual([row.name, null]);
    }
  });

  it.each(["float32", "float64"] as const)("exported gradients, %s", async (dtype) => {
    for (const seed of seeds(5)) {
      for (const row of gradientCases) {
        const { passed, relative } = await checkGradientCase(row, { seed, dtype });
        expect([row.name, seed, relative, passed]).toEqual([row.name, seed, relative, true]);
      }
    }
  });

  it("finite differences of ONNX Runtime's forward", async () => {
    for (const seed of seeds(2)) {
      for (const row of gradientCases) {
        const { failure } = await checkDifferenceCase(row, { seed });
        expect([row.name, seed, failure]).toEqual([row.name, seed, null]);
      }
    }
  });

  it("200 training steps", async () => {
    for (const row of trainingCases) {
      const { passed, maxAbs } = await checkTrainingCase(row, { seed: 100 }); // 1 in training.test.ts
      expect([row.name, maxAbs, passed]).toEqual([row.name, maxAbs, true]);
    }
  });
});
