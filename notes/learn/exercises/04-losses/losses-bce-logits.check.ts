import { tensor } from "tensorgrad";
import { bceWithLogits } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";

/** The surprise of each score at its answer. */
const of = (scores: number[], answers: number[], posWeight = 1): Numbers =>
  bceWithLogits(tensor(scores, { dtype: "float64" }), tensor(answers, { dtype: "float64" }), {
    reduction: "none",
    posWeight,
  }).toArray();

const ln3 = Math.log(3);

export const checks: Checks = {
  "scores far from 0": () => {
    near("scores 1000 and -1000, answers no and yes", of([1000, -1000], [0, 1]), [1000, 1000]);
    near("scores 1000 and -1000, answers yes and no", of([1000, -1000], [1, 0]), [0, 0]);
  },
  "yes and no": () =>
    near("score ln 3 with the answers yes and no, score 800 with no", of([ln3, ln3, 800], [1, 0, 0]), [
      -Math.log(0.75),
      Math.log(4),
      800,
    ]),
  "posWeight weighs the answer yes": () =>
    near("scores 0, 0 and 900, answers yes, no and no, posWeight 3", of([0, 0, 900], [1, 0, 0], 3), [
      3 * Math.LN2,
      Math.LN2,
      900,
    ]),
};

export const probes: Probes = () => [
  ...tried(() => of([1000], [0])),
  ...tried(() => of([ln3, ln3], [1, 0], 3)),
];
