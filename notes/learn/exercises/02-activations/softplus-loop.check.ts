import { tensor } from "tensorgrad";
import { softplus } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

/** In float64, which runs on this loop. */
const at = (x: number, beta: number, threshold: number): number =>
  softplus(tensor([x], { dtype: "float64" }), { beta, threshold }).item();

export const checks: Checks = {
  "values near 0": () => {
    near("softplus(0), beta 1", at(0, 1, 20), Math.LN2);
    near("softplus(1), beta 2", at(1, 2, 20), Math.log1p(Math.exp(2)) / 2);
  },
  "x itself above the threshold": () => near("softplus(1), beta 2, threshold 1", at(1, 2, 1), 1),
  "large x": () => near("softplus(1000) without a threshold", at(1000, 1, Number.POSITIVE_INFINITY), 1000),
  "very negative x": () => near("ln of softplus(-40)", Math.log(at(-40, 1, 20)), -40),
};

export const probes: Probes = () => [
  ...[
    [1, 2, 20],
    [1, 2, 1],
    [1000, 1, Number.POSITIVE_INFINITY],
  ].flatMap(([x, beta, threshold]) => tried(() => at(x, beta, threshold))),
  ...tried(() => 1e18 * at(-40, 1, 20)),
];
