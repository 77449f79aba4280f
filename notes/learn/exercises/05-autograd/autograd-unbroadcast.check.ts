import { tensor } from "tensorgrad";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";

const numbers = [
  [1, 2],
  [3, 4],
  [5, 6],
];

/** The gradient of x in the sum of x · [[1, 2], [3, 4], [5, 6]]. */
function gradient(values: number[] | number[][]): Numbers {
  const x = tensor(values, { requiresGrad: true });
  tensor(numbers).mul(x).sum().backward();
  return x.grad!.toArray();
}

const given = "times [[1, 2], [3, 4], [5, 6]], summed up: gradient of";

export const checks: Checks = {
  "a row that is used in every row": () => near(`[7, 8] ${given} [7, 8]`, gradient([7, 8]), [9, 12]),
  "a column that is stretched": () =>
    near(`[[7], [8], [9]] ${given} the column`, gradient([[7], [8], [9]]), [[3], [7], [11]]),
};

export const probes: Probes = () => [
  ...tried(() => gradient([7, 8])),
  ...tried(() => gradient([[7], [8], [9]])),
];
