import { v } from "micrograd";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

/** The gradients of x and of the root of (3x)² at x = 2 after so many calls of backward. */
function after(calls: number): number[] {
  const x = v(2);
  const root = x.mul(3).pow(2);
  for (let i = 0; i < calls; i++) root.backward();
  return [x.grad, root.grad];
}

export const checks: Checks = {
  "the root's gradient is 1, and arrives": () =>
    near("gradients of x and root in (3x)² at 2", after(1), [36, 1]),
  "two losses add up in a leaf": () => {
    const x = v(2);
    x.mul(3).backward();
    x.mul(4).backward();
    near("gradient of x after backward of 3x, then of 4x", x.grad, 7);
  },
  "a second call counts nothing twice": () =>
    near("gradients of x and root in (3x)² at 2 after two calls", after(2), [72, 1]),
};

export const probes: Probes = () => [...tried(() => after(1)), ...tried(() => after(2))];
