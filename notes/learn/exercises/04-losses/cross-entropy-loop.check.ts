import { tensor } from "tensorgrad";
import { crossEntropy } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";

/** Losses per row, in float64, which runs on this loop. −100 is the target of rows that do not count. */
const of = (logits: number[][], targets: number[]): Numbers =>
  crossEntropy(tensor(logits, { dtype: "float64" }), tensor(targets, { dtype: "int32" }), {
    reduction: "none",
  }).toArray();

const byHand = Math.log(Math.exp(2) + Math.exp(1) + 1) - 2;

export const checks: Checks = {
  "one row by hand": () => near("logits [2, 1, 0], class 0", of([[2, 1, 0]], [0]), [byHand]),
  "logits far apart": () => {
    near("logits [1000, 0], class 1", of([[1000, 0]], [1]), [1000]);
    near("logits [1000, 1000], class 0", of([[1000, 1000]], [0]), [Math.LN2]);
  },
  "rows that do not count": () =>
    near(
      "logits [2, 1, 0] and [5, 1, 0], classes 0 and none",
      of(
        [
          [2, 1, 0],
          [5, 1, 0],
        ],
        [0, -100],
      ),
      [byHand, 0],
    ),
};

export const probes: Probes = () => [
  ...tried(() => of([[2, 1, 0]], [0])),
  ...tried(() => of([[1000, 0]], [1])),
  ...tried(() => of([[5, 1]], [-100])),
];
