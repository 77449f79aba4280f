import assert from "node:assert/strict";
import { type Tensor, tensor } from "tensorgrad";
import { clipGradNorm } from "tensorgrad/optim";
import type { Checks, Probes } from "../../exercise.ts";

/** Two parameters whose gradients are a and b. */
function withGradients(a: number[], b: number[]): Tensor[] {
  return [a, b].map((g) => {
    const p = tensor(
      g.map(() => 0),
      { requiresGrad: true },
    );
    p.grad = tensor(g);
    return p;
  });
}
const gradients = (parameters: readonly Tensor[]) =>
  parameters.flatMap(({ grad }) => [...(grad?.data ?? [])]);

/** The length that is returned, and what the gradients a and b have become, with maxNorm 1. */
function clipped(a: number, b: number): [length: number, a: number, b: number] {
  const parameters = withGradients([a], [b]);
  const length = clipGradNorm(parameters, 1);
  const [first, second] = gradients(parameters);
  return [length, first, second];
}
const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-5;

export const checks: Checks = {
  "only long gradients are shortened": () => {
    const [, a, b] = clipped(3, 4);
    assert.ok(
      near(a, 0.6) && near(b, 0.8),
      `gradients 3 and 4 with maxNorm 1 became ${a} and ${b}, expected 0.6 and 0.8`,
    );
    const short = clipped(0.5, 0.25).slice(1);
    assert.deepEqual(short, [0.5, 0.25], "gradients of length 0.56 with maxNorm 1 must not change");
  },
  "returns the length before, and twice the same for short ones": () => {
    assert.equal(clipped(3, 4)[0], 5, "gradients 3 and 4 have the length 5");
    const parameters = withGradients([0.3], [0.4]);
    const lengths = [clipGradNorm(parameters, 1), clipGradNorm(parameters, 1)];
    assert.ok(
      lengths.every((length) => near(length, 0.5)),
      `two calls for gradients 0.3 and 0.4 give ${lengths.join(" and ")}, expected 0.5 and 0.5`,
    );
  },
};

export const probes: Probes = () => [...clipped(0.5, 0.25), ...clipped(3, 4)];
