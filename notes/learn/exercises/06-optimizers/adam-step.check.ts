import assert from "node:assert/strict";
import { tensor } from "tensorgrad";
import { Adam, type AdamSettings, AdamW } from "tensorgrad/optim";
import type { Checks, Probes } from "../../exercise.ts";

/** A parameter after steps with these gradients; float64 runs on the plain loops. */
function path(Kind: typeof Adam, settings: Partial<AdamSettings>, gradients: readonly number[], start = 1) {
  const p = tensor([start], { dtype: "float64", requiresGrad: true });
  const optimizer = new Kind([p], { lr: 0.1, weightDecay: 0, ...settings });
  return gradients.map((g) => {
    p.grad = tensor([g], { dtype: "float64" });
    optimizer.step();
    return p.data[0];
  });
}

const near = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${what}: the parameter is ${actual}, expected ${expected}`);

export const checks: Checks = {
  "steps have the length lr from the first on": () => {
    for (const [i, value] of path(Adam, {}, [3, 3, 3]).entries())
      near(value, 1 - 0.1 * (i + 1), `gradient 3 for ${i + 1} steps with lr 0.1`);
  },
  "eps is a floor for the root": () => {
    const [value] = path(Adam, { eps: 0.5 }, [0.5]);
    near(value, 0.95, "lr 0.1, eps 0.5, one gradient of 0.5: the step is lr·0.5/(0.5 + 0.5)");
  },
  "Adam's decay goes through the means": () => {
    const [value] = path(Adam, { weightDecay: 0.5 }, [0]);
    near(
      value,
      0.9,
      "Adam, gradient 0, decay 0.5: the decay is the gradient, and its step has the length lr",
    );
  },
  "AdamW's decay shrinks the weight": () => {
    const [value] = path(AdamW, { weightDecay: 0.25 }, [0], 2);
    near(value, 1.95, "AdamW, weight 2, gradient 0, decay 0.25: the weight loses lr·0.25·2");
  },
};

export const probes: Probes = () => [
  ...path(Adam, { weightDecay: 0.5, eps: 0.01 }, [1, 0.2, -0.5]),
  ...path(AdamW, { weightDecay: 0.5, eps: 0.01 }, [1, 0.2, -0.5]),
];
