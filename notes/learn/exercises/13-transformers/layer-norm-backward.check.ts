import assert from "node:assert/strict";
import { type Tensor, tensor } from "tensorgrad";
import { layerNorm } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { attempt } from "../attempt.ts";

// In float64, which the plain loops compute.

const X = [
  [0.5, -1, 2, 0.25],
  [3, 1, -2, 0.5],
];
const G = [
  [1, -2, 0.5, 3],
  [-1, 0.25, 2, 1],
];
const W = [2, -1, 0.5, 1.5];
const EPS = 1e-3;

const wide = (values: number[] | number[][], requiresGrad = false): Tensor =>
  tensor(values, { dtype: "float64", requiresGrad });

function gradient(w: number[], eps = EPS): number[][] {
  const x = wide(X, true);
  layerNorm(x, 4, wide(w), wide([0, 0, 0, 0]), { eps }).backward(wide(G));
  return x.grad?.toArray() as number[][];
}

/** Σ g·y, where one number of x is moved. */
function moved(r: number, c: number, by: number): number {
  const x = X.map((row, i) => row.map((value, j) => (i === r && j === c ? value + by : value)));
  const y = layerNorm(wide(x), 4, wide(W), wide([0, 0, 0, 0]), { eps: EPS });
  return y.mul(wide(G)).sum().item();
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i], 0);
const ones = [1, 1, 1, 1];

export const checks: Checks = {
  "the gradient equals finite differences": () => {
    const found = gradient(W);
    for (const [r, row] of found.entries())
      for (const [c, value] of row.entries()) {
        const difference = (moved(r, c, 1e-5) - moved(r, c, -1e-5)) / 2e-5;
        assert.ok(
          Math.abs(value - difference) < 1e-6,
          `dx[${r}, ${c}] is ${value.toFixed(5)}; moving x there by a little changes the loss at a rate of ${difference.toFixed(5)}`,
        );
      }
  },
  "a constant added to a row changes nothing: the gradient of each row sums to 0": () => {
    for (const [r, row] of gradient(W).entries())
      assert.ok(
        Math.abs(dot(row, ones)) < 1e-9,
        `the gradient of row ${r} sums to ${dot(row, ones).toFixed(4)}`,
      );
  },
  "a stretched row gives the same: the gradient is orthogonal to x": () => {
    for (const [r, row] of gradient(ones, 0).entries())
      assert.ok(Math.abs(dot(row, X[r])) < 1e-9, `row ${r}: Σ dx·x is ${dot(row, X[r]).toFixed(4)}, not 0`);
  },
  "twice the weight gives twice the gradient": () => {
    const [once, twice] = [gradient(W), gradient(W.map((w) => 2 * w))];
    assert.ok(Math.abs(twice[0][0] - 2 * once[0][0]) < 1e-9, "the weights are doubled, the gradient is not");
  },
};

export const probes: Probes = () => [W, ones].flatMap((w) => attempt(() => gradient(w).flat()));
