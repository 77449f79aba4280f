import { tensor } from "tensorgrad";
import { losses } from "tensorgrad/functions";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";
import { gradientsOf } from "../rule.ts";

/** The gradient of the logits. */
function gradient(logits: number[][], targets: number[], g: number[]): Numbers {
  const x = tensor(logits, { dtype: "float64", requiresGrad: true });
  const classes = tensor(targets, { dtype: "int32" });
  return gradientsOf(new losses.CrossEntropyRows(), tensor(g, { dtype: "float64" }), x, classes)[0];
}

const ln3 = Math.log(3);
const twoRows = [
  [0, ln3],
  [0, ln3],
];

export const checks: Checks = {
  "predicted minus true": () =>
    near("logits [0, ln 3], class 0, g [1]", gradient([[0, ln3]], [0], [1]), [[-0.75, 0.75]]),
  "g scales each row": () =>
    near("two rows [0, ln 3], classes 0 and 1, g [2, -4]", gradient(twoRows, [0, 1], [2, -4]), [
      [-1.5, 1.5],
      [-1, 1],
    ]),
  "rows that do not count get 0": () =>
    near("two rows [0, ln 3], classes 0 and none, g [1, 1]", gradient(twoRows, [0, -1], [1, 1]), [
      [-0.75, 0.75],
      [0, 0],
    ]),
};

export const probes: Probes = () => [
  ...tried(() => gradient([[0, ln3]], [0], [2])),
  ...tried(() => gradient([[0, ln3]], [-1], [1])),
];
