import { tensor } from "tensorgrad";
import { softmax } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";

/** In float64, which runs on this loop. */
const of = (rows: number[][]): Numbers => softmax(tensor(rows, { dtype: "float64" })).toArray();

const ln3 = Math.log(3);

export const checks: Checks = {
  "one row by hand": () => near("softmax of [0, ln 3]", of([[0, ln3]]), [[0.25, 0.75]]),
  "every row by itself": () =>
    near(
      "softmax of the rows [0, ln 3] and [ln 3, 0]",
      of([
        [0, ln3],
        [ln3, 0],
      ]),
      [
        [0.25, 0.75],
        [0.75, 0.25],
      ],
    ),
  "large scores": () => {
    near("softmax of [1000, 1000 + ln 3]", of([[1000, 1000 + ln3]]), [[0.25, 0.75]], 1e-8);
    near("softmax of [-1000, 1000]", of([[-1000, 1000]]), [[0, 1]]);
  },
};

export const probes: Probes = () => [
  ...tried(() =>
    of([
      [0, ln3],
      [1, 2],
    ]),
  ),
  ...tried(() => of([[1000, 1001]])),
];
