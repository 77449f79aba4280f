import assert from "node:assert/strict";
import { tensor } from "tensorgrad";
import { SGD, type SGDSettings } from "tensorgrad/optim";
import type { Checks, Probes } from "../../exercise.ts";

/** Parameters 1 and −2 after each of some steps with fixed gradients; float64 runs on the plain loops. */
function path(settings: Partial<SGDSettings>, gradients: readonly number[][], rates?: readonly number[]) {
  const p = tensor([1, -2], { dtype: "float64", requiresGrad: true });
  const optimizer = new SGD([p], settings);
  return gradients.map((g, step) => {
    if (rates) optimizer.groups[0].settings.lr = rates[step];
    p.grad = tensor(g, { dtype: "float64" });
    optimizer.step();
    return [...p.data];
  });
}

function near(
  actual: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  what: string,
) {
  for (const [step, row] of expected.entries())
    for (const [i, value] of row.entries())
      assert.ok(
        Math.abs(actual[step][i] - value) < 1e-12,
        `${what}: after step ${step + 1} parameter ${i} is ${actual[step][i]}, expected ${value}`,
      );
}

const G = [
  [1, 2],
  [1, 2],
];

export const checks: Checks = {
  "the velocity keeps gradients, not moves": () =>
    near(
      path({ lr: 0.1, momentum: 0.5 }, G, [0.1, 0.01]),
      [
        [0.9, -2.2],
        [0.885, -2.23],
      ],
      "lr 0.1, then 0.01, momentum 0.5",
    ),
  "weight decay is part of the gradient": () =>
    near(
      path({ lr: 0.1, momentum: 0.5, weightDecay: 0.5 }, G),
      [
        [0.85, -2.1],
        [0.6325, -2.245],
      ],
      "momentum 0.5, weight decay 0.5",
    ),
  "the first velocity is not dampened": () =>
    near(
      path({ lr: 0.1, momentum: 0.5, dampening: 0.5 }, G),
      [
        [0.9, -2.2],
        [0.8, -2.4],
      ],
      "momentum 0.5, dampening 0.5",
    ),
  "Nesterov looks one step ahead": () =>
    near(
      path({ lr: 0.1, momentum: 0.5, nesterov: true }, G),
      [
        [0.85, -2.3],
        [0.675, -2.65],
      ],
      "momentum 0.5, Nesterov",
    ),
};

export const probes: Probes = () =>
  [
    path({ lr: 0.1, momentum: 0.5, weightDecay: 0.5, dampening: 0.25 }, G, [0.1, 0.01]),
    path({ lr: 0.1, momentum: 0.5, weightDecay: 0.5, nesterov: true }, G, [0.1, 0.01]),
  ].flat(2);
