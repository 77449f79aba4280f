import { MLP } from "micrograd";
import { beforeAll, describe, expect, it } from "vitest";
import { type XorParity, xorParity, xorParityRow, xorParitySection } from "./xor-parity.ts";

let parity: XorParity;
beforeAll(async () => {
  parity = await xorParity(new MLP(2, [2, 1], { seed: 1 }), 1);
});

describe("xorParity", () => {
  it("compares a grid with the four corners on it, and ten steps of the training", () => {
    expect(parity.points).toMatchObject({ passed: true, points: 1025 });
    expect(parity.training).toMatchObject({ passed: true, steps: 10, parameters: 33 });
    expect(parity.training.moved).toBeGreaterThan(0.1);
    expect(xorParitySection(parity).table?.rows).toHaveLength(2);
  });
});

describe("xorParityRow", () => {
  it("passes only if both comparisons do", () => {
    const [points, training] = [
      { ...parity.points, relative: 1e-16 },
      { ...parity.training, maxAbs: 2e-16 },
    ];
    expect(xorParityRow({ points, training }, 1)).toMatchInlineSnapshot(`
      {
        "job": "XOR in ONNX Runtime",
        "passed": true,
        "result": "values and gradients at 1,025 points within 1.0e-16, weights after 10 steps within 2.0e-16",
        "seconds": 1,
        "target": "within 1e-12 and 1e-10",
      }
    `);
    expect(xorParityRow({ points: { ...points, passed: false }, training }, 1).passed).toBe(false);
    expect(xorParityRow({ points, training: { ...training, passed: false } }, 1).passed).toBe(false);
  });
});
