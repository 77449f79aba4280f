import { tensor } from "tensorgrad";
import { logSoftmax } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";

/** In float64, which runs on this loop. */
const of = (row: number[]): Numbers => logSoftmax(tensor([row], { dtype: "float64" })).toArray();

export const checks: Checks = {
  "one score leads by far": () =>
    near(
      "logSoftmax of [0, 1000] and of [3, 1003]",
      [of([0, 1000]), of([3, 1003])],
      [
        [-1000, 0],
        [-1000, 0],
      ],
    ),
  "equal scores": () => {
    near(
      "logSoftmax of [1, 1], and the second score of [-800, 1, 1]",
      [of([1, 1]), of([-800, 1, 1])],
      [
        [-Math.LN2, -Math.LN2],
        [-801 - Math.LN2, -Math.LN2, -Math.LN2],
      ],
    );
  },
  "large scores": () =>
    near("logSoftmax of [1000, 1000, 200]", of([1000, 1000, 200]), [-Math.LN2, -Math.LN2, -800 - Math.LN2]),
};

export const probes: Probes = () => [
  ...tried(() => of([0, 1000])),
  ...tried(() => of([1, 2])),
  ...tried(() => of([1000, 1000])),
];
