import { v } from "micrograd";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

/** The gradients of (x·y)·5 after backward. */
function gradients(x: number, y: number): number[] {
  const [a, b] = [v(x), v(y)];
  a.mul(b).mul(5).backward();
  return [a.grad, b.grad];
}

export const checks: Checks = {
  "multiplies Values, and a Value with a number": () => {
    near("v(2).mul(v(-3)).data", v(2).mul(v(-3)).data, -6);
    near("v(2).mul(4).data", v(2).mul(4).data, 8);
  },
  "the slope along one factor is the other factor": () => {
    const [a, b] = [v(2), v(-3)];
    a.mul(b).backward();
    near("gradients of a and b in a·b at a = 2, b = -3", [a.grad, b.grad], [-3, 2]);
  },
  "what arrives from the result is multiplied in": () =>
    near("gradients of x and y in (x·y)·5 at x = 2, y = 3", gradients(2, 3), [15, 10]),
  "the numbers of the forward pass count": () => {
    const [a, b] = [v(2), v(3)];
    const z = a.mul(b);
    a.data = 100;
    z.backward();
    near("gradient of b in a·b, a = 2 when it was computed and 100 afterwards", b.grad, 2);
  },
};

export const probes: Probes = () => [
  ...tried(() => gradients(2, 3)),
  ...tried(() => {
    const [a, b] = [v(2), v(7)];
    const z = a.mul(b);
    a.data = 11;
    z.backward();
    return [z.data, a.grad, b.grad];
  }),
];
