import { describe, expect, it } from "vitest";
import { fiftySteps } from "../../../tests/06-optimizers/fifty-steps.fixture.ts";
import { expectTrajectory, type Path } from "../../../tests/06-optimizers/trajectory.fixture.ts";
import { tensor } from "../../01-tensor/index.ts";
import { Adamax, type AdamaxSettings } from "../index.ts";

describe("Adamax", () => {
  it("is where PyTorch 1.13 is after 50 steps", () => {
    fiftySteps((p) => new Adamax(p), [0.9469783493595262, -1.9307024215147879, 0.46469865357151285]);
    const settings = { lr: 0.05, betas: [0.8, 0.95], eps: 1e-4, weightDecay: 0.1 } as const;
    fiftySteps(
      (p) => new Adamax(p, settings),
      [0.01525880062586248, -0.29083744260131195, 0.0027409486756570832],
    );
  });

  it("takes a first step of lr, whatever the size of the gradient", () => {
    for (const gradient of [1e-3, 1, 1e6]) {
      const p = tensor([1], { dtype: "float64", requiresGrad: true });
      p.mul(gradient).sum().backward();
      new Adamax([p], { lr: 0.1, eps: 0 }).step();
      expect(p.item()).toBeCloseTo(0.9, 14);
    }
  });

  it("follows PyTorch's formulas, written out for one number, on either kind of kernels", () => {
    for (const settings of [{}, { betas: [0.5, 0.9] as const, weightDecay: 0.1 }])
      expectTrajectory(
        (p) => new Adamax(p, { lr: 0.05, ...settings }),
        (theta) => scalarAdamax(theta, { lr: 0.05, ...settings }),
      );
  });

  it("refuses memories that never fade", () => {
    const p = [tensor([1], { requiresGrad: true })];
    expect(() => new Adamax(p, { betas: [0.9, 1] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adamax: betas = 0.9, 1 — each must be below 1]`,
    );
  });
});

/** The documentation of torch.optim.Adamax, line by line, for a single number; each call is a step. */
function scalarAdamax(theta: number, settings: Partial<AdamaxSettings>): Path {
  const { lr = 2e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = settings;
  const [beta1, beta2] = betas;
  let [m, u, t] = [0, 0, 0];
  return (gradient) => {
    t++;
    const g = gradient(theta) + weightDecay * theta;
    m = beta1 * m + (1 - beta1) * g;
    u = Math.max(beta2 * u, Math.abs(g) + eps);
    theta -= (lr * m) / ((1 - beta1 ** t) * u);
    return theta;
  };
}
