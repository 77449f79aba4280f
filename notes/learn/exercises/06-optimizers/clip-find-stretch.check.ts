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

export const checks: Checks = {
  "short gradients stay as they are": () => {
    const parameters = withGradients([0.5], [0.25]);
    clipGradNorm(parameters, 1);
    assert.deepEqual(
      gradients(parameters),
      [0.5, 0.25],
      "gradients of length 0.56 with maxNorm 1 must not change",
    );
  },
  "long gradients get the length maxNorm, together": () => {
    const parameters = withGradients([3], [4]);
    clipGradNorm(parameters, 1);
    const [a, b] = gradients(parameters);
    assert.ok(
      Math.abs(a - 0.6) < 1e-5 && Math.abs(b - 0.8) < 1e-5,
      `gradients 3 and 4 with maxNorm 1 became ${a} and ${b}, expected 0.6 and 0.8`,
    );
  },
  "returns the length before": () =>
    assert.equal(clipGradNorm(withGradients([3], [4]), 1), 5, "gradients 3 and 4 have the length 5"),
};

export const probes: Probes = () =>
  [
    [0.5, 0.25],
    [3, 4],
  ].flatMap(([a, b]) => {
    const parameters = withGradients([a], [b]);
    return [clipGradNorm(parameters, 1), ...gradients(parameters)];
  });
