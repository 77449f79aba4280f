import { tensor } from "tensorgrad";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

/** The gradient of x in 2y + 3y·y with y = 5x. */
function meeting(at: number): number {
  const x = tensor([at], { requiresGrad: true });
  const y = x.mul(5);
  y.mul(2).add(y.mul(y).mul(3)).sum().backward();
  return x.grad!.item();
}

/** The gradient of x in x·2 + x·7. */
function twoUses(): number {
  const x = tensor([1], { requiresGrad: true });
  x.mul(2).add(x.mul(7)).sum().backward();
  return x.grad!.item();
}

export const checks: Checks = {
  "two uses of a leaf": () => near("gradient of x in 2x + 7x", twoUses(), 9),
  "paths that meet in the middle": () => near("gradient of x in 2y + 3y², y = 5x, at x = 1", meeting(1), 160),
};

export const probes: Probes = () => [...tried(twoUses), ...tried(() => meeting(1))];
