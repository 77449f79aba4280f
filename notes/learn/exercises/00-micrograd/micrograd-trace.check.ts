import { trace, v } from "micrograd";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

/** The gradients of a and of b = 3a in c = 5b after so many steps of the pass. */
function afterSteps(count: number): number[] {
  const a = v(2);
  const b = a.mul(3);
  const steps = trace(b.mul(5));
  for (let i = 0; i < count; i++) steps.next();
  return [a.grad, b.grad];
}

export const checks: Checks = {
  "taken to its end it is backward()": () =>
    near("gradients of a and b = 3a in 5b after all steps", afterSteps(6), [15, 5]),
  "stopped after one step, one node has run": () =>
    near("gradients of a and b = 3a in 5b after one step", afterSteps(1), [0, 5]),
};

export const probes: Probes = () => [...tried(() => afterSteps(1)), ...tried(() => afterSteps(6))];
