import { tensor } from "tensorgrad";
import { type HuberOptions, huber } from "tensorgrad/nn";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";

/** The loss of these differences. */
const of = (d: number[], options: HuberOptions): Numbers =>
  huber(
    tensor(d, { dtype: "float64" }),
    tensor(new Array<number>(d.length).fill(0), { dtype: "float64" }),
    options,
  ).toArray();

export const checks: Checks = {
  "small differences: d²/2": () => near("d = -0.5, δ = 1", of([-0.5], { delta: 1 }), 0.125),
  "large differences: a line that continues it": () => {
    near("d = 3, δ = 1", of([3], { delta: 1 }), 2.5);
    near("d = -3, δ = 2", of([-3], { delta: 2 }), 4);
  },
  "every reduction": () => {
    near('d = [0.5, 3], δ = 1, reduction "none"', of([0.5, 3], { reduction: "none" }), [0.125, 2.5]);
    near('d = [0.5, 3], δ = 1, reduction "sum"', of([0.5, 3], { reduction: "sum" }), 2.625);
    near('d = [0.5, 3], δ = 1, reduction "mean"', of([0.5, 3], { reduction: "mean" }), 1.3125);
  },
};

export const probes: Probes = () => [
  ...tried(() => of([0.5, 3], { delta: 1 })),
  ...tried(() => of([0.5, 3], { delta: 2, reduction: "none" })),
];
