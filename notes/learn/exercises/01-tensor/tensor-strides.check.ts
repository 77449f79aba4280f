import { fromArray, type Shape } from "tensorgrad";
import type { Checks, Probes } from "../../exercise.ts";
import { alike, tried } from "../compare.ts";

function strides(shape: Shape): readonly number[] {
  const size = shape.reduce((product, n) => product * n, 1);
  return fromArray(new Array<number>(size).fill(0), shape).strides;
}

export const checks: Checks = {
  "strides of a matrix": () => alike("strides of shape [2, 3]", strides([2, 3]), [3, 1]),
  "strides of three dims": () => alike("strides of shape [2, 3, 4]", strides([2, 3, 4]), [12, 4, 1]),
  "neighbours of the last dim lie side by side": () => {
    alike("strides of shape [5]", strides([5]), [1]);
    alike("strides of shape [1, 7]", strides([1, 7]), [7, 1]);
  },
};

export const probes: Probes = () =>
  [[2, 3, 4], [5], [4, 1, 2]].flatMap((shape) => tried(() => strides(shape)));
