import { v } from "micrograd";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

/** x^y of two Values with both gradients. */
function both(x: number, y: number): number[] {
  const [a, b] = [v(x), v(y)];
  const z = a.pow(b);
  z.backward();
  return [z.data, a.grad, b.grad];
}

/** The gradient of x in x^y with a plain number as exponent. */
function alone(x: number, y: number): number {
  const a = v(x);
  a.pow(y).backward();
  return a.grad;
}

export const checks: Checks = {
  "the slope along x": () => {
    near("gradient of x in x² at 3", alone(3, 2), 6);
    near("gradient of x in x^-1 at 2", alone(2, -1), -0.25);
  },
  "the slope along the exponent": () =>
    near("2^3: value, gradient of 2, gradient of 3", both(2, 3), [8, 12, 8 * Math.LN2]),
  "no NaN at x = 0": () => {
    near("gradient of x in x^0 at 0", alone(0, 0), 0);
    near("0^2 with a Value as exponent: value and gradients", both(0, 2), [0, 0, 0]);
  },
};

export const probes: Probes = () => [
  ...tried(() => both(2, 3)),
  ...tried(() => both(0, 2)),
  ...tried(() => alone(1.5, 4)),
];
