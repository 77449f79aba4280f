import { describe, expect, it } from "vitest";
import { draws } from "../../../tensorgrad/tests/draws.fixture.ts";
import { cases } from "../table/cases.ts";
import { gradientCases } from "../table/gradients.ts";
import { trainingCases } from "../table/trainings.ts";
import { operationGradientParity, randomGradientParity } from "./backward-rules.ts";
import { checkDifferenceCase } from "./differences.ts";
import { checkGradientCase } from "./gradients-cases.ts";
import { randomModelParity } from "./random.ts";
import { checkTrainingCase } from "./training-cases.ts";

const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 100);

describe("on many seeds, no false alarm in", () => {
  it("random models", async () => {
    expect((await randomModelParity({ seed: 100, runs: draws(2000, 150) })).failure).toBe(null);
  });

  it("random models' gradients", async () => {
    expect((await randomGradientParity({ seed: 100, runs: draws(500, 50) })).failure).toBe(null);
  });

  it("the rules of all operations", async () => {
    for (const row of cases) {
      const { failure } = await operationGradientParity(row, { seed: 100, runs: draws(30, 3) });
      expect([row.name, failure]).toEqual([row.name, null]);
    }
  });

  it.each(["float32", "float64"] as const)("exported gradients, %s", async (dtype) => {
    for (const seed of seeds(draws(10, 1))) {
      for (const row of gradientCases) {
        const { passed, relative } = await checkGradientCase(row, { seed, dtype });
        expect([row.name, seed, relative, passed]).toEqual([row.name, seed, relative, true]);
      }
    }
  });

  it("finite differences of ONNX Runtime's forward", async () => {
    for (const seed of seeds(draws(4, 1))) {
      for (const row of gradientCases) {
        const { failure } = await checkDifferenceCase(row, { seed });
        expect([row.name, seed, failure]).toEqual([row.name, seed, null]);
      }
    }
  });

  it("training steps", async () => {
    for (const seed of seeds(draws(3, 1))) {
      for (const row of trainingCases) {
        const { passed, maxAbs } = await checkTrainingCase(row, { seed }); // 1 in training.test.ts
        expect([row.name, seed, maxAbs, passed]).toEqual([row.name, seed, maxAbs, true]);
      }
    }
  });
});
