import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fiftySteps } from "../../../tests/06-optimizers/fifty-steps.fixture.ts";
import { expectTrajectory, type Path, strayed } from "../../../tests/06-optimizers/trajectory.fixture.ts";
import { tensor } from "../../01-tensor/index.ts";
import { NAdam, type NAdamSettings, RAdam, type RAdamSettings } from "../index.ts";

const share = (max: number) => fc.integer({ min: 0, max: 99 }).map((n) => (max * n) / 100);
const settings = fc.record({
  lr: share(0.2).map((x) => x + 1e-3),
  // β₁ ≤ β₂, or steps of m/√v have no bound: v may have forgotten what m remembers.
  betas: fc.tuple(share(1), share(1)).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]),
  eps: fc.constantFrom(1e-8, 1e-4, 0.1),
  weightDecay: share(0.5),
});
const p = () => [tensor([1], { requiresGrad: true })];

describe("NAdam", () => {
  // PyTorch 1.13 counts μₜ twice in the product of what lies ahead, against its formula: these numbers are without that.
  it("is where PyTorch is after 50 steps", () => {
    fiftySteps((p) => new NAdam(p), [0.9242963289368199, -1.910829099137347, 0.45173527485339837]);
    const settings = {
      lr: 0.05,
      betas: [0.8, 0.95],
      eps: 1e-4,
      weightDecay: 0.1,
      momentumDecay: 0.02,
    } as const;
    fiftySteps(
      (p) => new NAdam(p, settings),
      [0.01808491179930323, -0.32294039108601563, 0.027149471800051905],
    );
  });

  it("follows PyTorch's formulas, written out for one number, on either kind of kernels", () => {
    for (const settings of [{}, { weightDecay: 0.1, momentumDecay: 0.1 }, { betas: [0, 0.5] as const }])
      expectTrajectory(
        (p) => new NAdam(p, { lr: 0.05, ...settings }),
        (theta) => scalarNAdam(theta, { lr: 0.05, ...settings }),
      );
  });

  it("follows them for any settings", () =>
    fc.assert(
      fc.property(settings, share(0.2), (drawn, momentumDecay) => {
        const all = { ...drawn, momentumDecay };
        expect(
          strayed(
            (p) => new NAdam(p, all),
            (theta) => scalarNAdam(theta, all),
          ),
        ).toBeLessThan(1);
      }),
      { numRuns: 30 },
    ));

  it("refuses memories that never fade", () => {
    expect(() => new NAdam(p(), { betas: [1, 0.9] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: NAdam: betas = 1, 0.9 — each must be below 1]`,
    );
    expect(() => new NAdam(p(), { momentumDecay: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: NAdam: momentumDecay = -1 — must be a finite number ≥ 0]`,
    );
  });
});

describe("RAdam", () => {
  it("is where PyTorch 1.13 is after 50 steps", () => {
    fiftySteps((p) => new RAdam(p), [0.9915177914737843, -1.9868077409739124, 0.4936460231094956]);
    const settings = { lr: 0.05, betas: [0.8, 0.9], eps: 1e-4, weightDecay: 0.1 } as const;
    fiftySteps(
      (p) => new RAdam(p, settings),
      [0.015021208877309088, -0.24433147909983785, 0.0030836376228137626],
    );
  });

  it("moves by the mean alone at first: by lr times the gradient", () => {
    const x = tensor([1], { dtype: "float64", requiresGrad: true });
    x.mul(3).sum().backward();
    new RAdam([x], { lr: 0.1 }).step();
    expect(x.item()).toBeCloseTo(0.7, 14);
  });

  it("follows PyTorch's formulas, written out for one number, on either kind of kernels", () => {
    for (const settings of [{}, { betas: [0.8, 0.9] as const, weightDecay: 0.1 }])
      expectTrajectory(
        (p) => new RAdam(p, { lr: 0.05, ...settings }),
        (theta) => scalarRAdam(theta, { lr: 0.05, ...settings }),
      );
  });

  it("follows them for any settings", () =>
    fc.assert(
      fc.property(settings, (drawn) => {
        expect(
          strayed(
            (p) => new RAdam(p, drawn),
            (theta) => scalarRAdam(theta, drawn),
          ),
        ).toBeLessThan(1);
      }),
      { numRuns: 30 },
    ));

  it("refuses memories that never fade", () => {
    expect(() => new RAdam(p(), { betas: [0.9, 1] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: RAdam: betas = 0.9, 1 — each must be below 1]`,
    );
  });
});

/** The documentation of torch.optim.NAdam, line by line, for a single number; each call is a step. */
function scalarNAdam(theta: number, settings: Partial<NAdamSettings>): Path {
  const { lr = 2e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, momentumDecay = 4e-3 } = settings;
  const [beta1, beta2] = betas;
  let [m, v, product, t] = [0, 0, 1, 0];
  return (gradient) => {
    t++;
    const g = gradient(theta) + weightDecay * theta;
    const mu = beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    const next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentumDecay));
    product *= mu;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g ** 2;
    const mHat = (next * m) / (1 - product * next) + ((1 - mu) * g) / (1 - product);
    theta -= (lr * mHat) / (Math.sqrt(v / (1 - beta2 ** t)) + eps);
    return theta;
  };
}

/** The documentation of torch.optim.RAdam, line by line. */
function scalarRAdam(theta: number, settings: Partial<RAdamSettings>): Path {
  const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = settings;
  const [beta1, beta2] = betas;
  let [m, v, t] = [0, 0, 0];
  return (gradient) => {
    t++;
    const g = gradient(theta) + weightDecay * theta;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g ** 2;
    const mHat = m / (1 - beta1 ** t);
    const most = 2 / (1 - beta2) - 1;
    const rho = most - (2 * t * beta2 ** t) / (1 - beta2 ** t);
    if (rho > 5) {
      const l = Math.sqrt(1 - beta2 ** t) / (Math.sqrt(v) + eps);
      const r = Math.sqrt(((rho - 4) * (rho - 2) * most) / ((most - 4) * (most - 2) * rho));
      theta -= lr * mHat * r * l;
    } else theta -= lr * mHat;
    return theta;
  };
}
