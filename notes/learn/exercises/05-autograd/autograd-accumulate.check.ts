import { tensor } from "tensorgrad";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

/** The gradient of x after backward of 3x and of 4x. */
function twoLosses(): number {
  const x = tensor([2], { requiresGrad: true });
  x.mul(3).sum().backward();
  x.mul(4).sum().backward();
  return x.grad!.item();
}

/** The gradients of a and b after backward of a + b, twice, and then of 10·a. */
function together(): number[] {
  const [a, b] = [1, 2].map((value) => tensor([value], { requiresGrad: true }));
  for (let i = 0; i < 2; i++) a.add(b).sum().backward();
  a.mul(10).sum().backward();
  return [a.grad!.item(), b.grad!.item()];
}

export const checks: Checks = {
  "two losses add up": () => near("gradient of x after backward of 3x, then of 4x", twoLosses(), 7),
  "each leaf has a gradient of its own": () =>
    near("gradients of a and b after a + b, twice, then 10·a", together(), [12, 2]),
};

export const probes: Probes = () => [...tried(twoLosses), ...tried(together)];
