import { grad, tensor } from "tensorgrad";
import type { Checks, Probes } from "../../exercise.ts";
import { near, tried } from "../compare.ts";

/** The gradient of x in exp(x)·x² at 1. */
function chain(): number {
  const x = tensor([1], { requiresGrad: true, dtype: "float64" });
  x.exp().mul(x.square()).sum().backward();
  return x.grad?.item() ?? 0;
}

/** y reaches the output by a short way and by a long one: y + 3·(2y)², y = 5x, x = 1. */
function twoWays(): number {
  const x = tensor([1], { requiresGrad: true, dtype: "float64" });
  const y = x.mul(5);
  y.mul(2).square().mul(3).add(y).sum().backward();
  return x.grad?.item() ?? 0;
}

/** The gradient of y itself in 3y², y = 5x, x = 1. */
function inner(): number {
  const y = tensor([1], { requiresGrad: true, dtype: "float64" }).mul(5);
  return grad(y.square().mul(3).sum(), [y])[0].item();
}

export const checks: Checks = {
  "a gradient reaches the leaf": () => near("gradient of x in eˣ·x² at 1", chain(), 3 * Math.E),
  "a short way and a long one": () => near("gradient of x in y + 3·(2y)², y = 5x, at x = 1", twoWays(), 605),
  "a tensor in the middle is wanted": () => near("gradient of y in 3y² at 5", inner(), 30),
};

export const probes: Probes = () => [...tried(chain), ...tried(twoWays), ...tried(inner)];
