import { tensor } from "tensorgrad";
import { tensors } from "tensorgrad/functions";
import type { Checks, Probes } from "../../exercise.ts";
import { type Numbers, near, tried } from "../compare.ts";
import { gradientsOf } from "../rule.ts";

/** The gradients of a = [1, 4, 2, x] and b = [3, -1, 2, 0] for g = [10, 20, 30, 40]. */
function gradients(Operation: typeof tensors.Maximum | typeof tensors.Minimum, x = 5): Numbers[] {
  const [a, b, g] = [
    [1, 4, 2, x],
    [3, -1, 2, 0],
    [10, 20, 30, 40],
  ].map((list) => tensor(list));
  return gradientsOf(new Operation(), g, a, b);
}

const given = "a = [1, 4, 2, 5], b = [3, -1, 2, 0], g = [10, 20, 30, 40]: gradients of";

export const checks: Checks = {
  "max: the larger operand gets it": () =>
    near(`${given} max(a, b)`, gradients(tensors.Maximum), [
      [0, 20, 15, 40],
      [10, 0, 15, 0],
    ]),
  "min: the smaller operand gets it": () =>
    near(`${given} min(a, b)`, gradients(tensors.Minimum), [
      [10, 0, 15, 0],
      [0, 20, 15, 40],
    ]),
  "NaN stays NaN": () =>
    near("a = [1, 4, 2, NaN]: gradients of max(a, b)", gradients(tensors.Maximum, Number.NaN), [
      [0, 20, 15, Number.NaN],
      [10, 0, 15, Number.NaN],
    ]),
};

export const probes: Probes = () => [
  ...tried(() => gradients(tensors.Maximum)),
  ...tried(() => gradients(tensors.Minimum)),
  ...tried(() => gradients(tensors.Maximum, Number.NaN)),
];
