import { type Tensor, tensor } from "tensorgrad";
import { activations } from "tensorgrad/functions";
import { softmax } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";
import { gradientsOf } from "../rule.ts";

const float64 = { dtype: "float64" } as const;
const scores = [
  [0.5, -1, 2],
  [0, 1, 0.3],
];
const weights = [
  [1, -2, 0.5],
  [3, 0, -1],
];

/** The gradient of Σ g·softmax(x) by the rule. */
const byRule = (x: number[][], g: number[][]): Numbers =>
  gradientsOf(new activations.SoftmaxRows(), tensor(g, float64), tensor(x, float64))[0];

/** The same by central differences. */
function byDifferences(x: number[][], g: number[][]): number[][] {
  const value = (rows: Tensor): number => softmax(rows).mul(tensor(g, float64)).sum().item();
  const moved = (r: number, c: number, h: number): Tensor =>
    tensor(
      x.map((row, i) => row.map((n, j) => (i === r && j === c ? n + h : n))),
      float64,
    );
  const h = 1e-5;
  return x.map((row, r) => row.map((_, c) => (value(moved(r, c, h)) - value(moved(r, c, -h))) / (2 * h)));
}

export const checks: Checks = {
  "one row by hand": () =>
    near("x = [0, 0], g = [1, 0]: gradient of x", byRule([[0, 0]], [[1, 0]]), [[0.25, -0.25]]),
  "rows do not mix": () =>
    near(
      "two rows [0, 0], g = [1, 0] and [0, 0]: gradient of x",
      byRule(
        [
          [0, 0],
          [0, 0],
        ],
        [
          [1, 0],
          [0, 0],
        ],
      ),
      [
        [0.25, -0.25],
        [0, 0],
      ],
    ),
  "differences agree": () =>
    near(
      "two rows of three scores: gradient of x",
      byRule(scores, weights),
      byDifferences(scores, weights),
      1e-7,
    ),
};

export const probes: Probes = () => tried(() => byRule(scores, weights));
