import { ImageDataset } from "tensorgrad/data";
import { Linear, Sequential } from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import type { MlpRun } from "../digit-classifier.ts";
import { mlpRow, mlpSection } from "./mlp.ts";

const pixels = new Uint8Array(784).fill(255, 300, 400);

/** Two images, one of them misread; numbers that can be checked by eye. */
const run: MlpRun = {
  dataset: "synthetic",
  model: new Sequential(new Linear(1, 1)),
  test: new ImageDataset(new Uint8Array(2 * 784), new Uint8Array(2)),
  losses: [2.3, 1.2, 0.6, 0.3],
  epochs: [{ epoch: 1, loss: 1.1, testLoss: 0.9, testAccuracy: 0.5, seconds: 0.25 }],
  testAccuracy: 0.5,
  confusion: Array.from({ length: 10 }, (_, i) =>
    Array.from({ length: 10 }, (_, j) => Number(i === 3 && j > 7)),
  ),
  samples: [{ pixels, label: 3, predicted: 9 }],
  mistakes: [{ pixels, label: 3, predicted: 9 }],
  heap: { live: 0, peak: 3e6, growth: 64 },
  stopped: null,
  seconds: 0.25,
};

describe("mlpSection", () => {
  it("draws loss, accuracy, confusion and digits, and says which digits they are", () => {
    const { figures, text, table } = mlpSection(run);
    expect(figures).toHaveLength(4);
    expect(text).toContain("Synthetic digits");
    expect(figures?.[3]?.svg).toContain("The first 1 of 2 mistakes");
    expect(table?.rows).toEqual([["1", "1.1000", "0.9000", "50.00 %", "0.25"]]);
  });

  it("has no room for mistakes where there are none", () => {
    expect(mlpSection({ ...run, mistakes: [] }).figures?.[3]?.svg).not.toContain("mistakes");
  });
});

describe("mlpRow", () => {
  it("passes on the target itself", () => {
    expect(mlpRow(run, 0.5, 1)).toEqual({
      job: "MLP 784-128-10 on synthetic digits",
      result: "50.00 % of 2 test images",
      target: "at least 50 %",
      seconds: 1,
      passed: true,
    });
    expect(mlpRow(run, 0.51, 1).passed).toBe(false);
  });
});
