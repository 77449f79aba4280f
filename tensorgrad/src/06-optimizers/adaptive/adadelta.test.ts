import { describe, expect, it } from "vitest";
import { fiftySteps } from "../../../tests/06-optimizers/fifty-steps.fixture.ts";
import { expectTrajectory, type Path } from "../../../tests/06-optimizers/trajectory.fixture.ts";
import { tensor } from "../../01-tensor/index.ts";
import { Adadelta, type AdadeltaSettings } from "../index.ts";

describe("Adadelta", () => {
  it("is where PyTorch 1.13 is after 50 steps", () => {
    fiftySteps((p) => new Adadelta(p), [0.8700295496192213, -1.8242058731930488, 0.43834175154007954]);
    const settings = { lr: 0.5, rho: 0.8, eps: 1e-3, weightDecay: 0.1 };
    fiftySteps(
      (p) => new Adadelta(p, settings),
      [0.11640641145686548, -0.516928034064044, 0.0876781087089527],
    );
  });

  it("takes a first step of √eps/√(0.1·g² + eps)·g", () => {
    const p = tensor([1], { dtype: "float64", requiresGrad: true });
    p.mul(2).sum().backward();
    new Adadelta([p], { eps: 0.1 }).step();
    expect(p.item()).toBeCloseTo(1 - (2 * Math.sqrt(0.1)) / Math.sqrt(0.5), 14);
  });

  it("follows PyTorch's formulas, written out for one number, on either kind of kernels", () => {
    for (const settings of [{ eps: 1e-4 }, { rho: 0.5, eps: 1e-2, weightDecay: 0.1 }])
      expectTrajectory(
        (p) => new Adadelta(p, settings),
        (theta) => scalarAdadelta(theta, settings),
      );
  });

  it("refuses a memory that never fades, and an eps with which nothing would move", () => {
    const p = [tensor([1], { requiresGrad: true })];
    expect(() => new Adadelta(p, { rho: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adadelta: rho = 1 — must be below 1]`,
    );
    expect(() => new Adadelta(p, { eps: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: Adadelta: eps = 0 — the first step would be 0, and so all others]`,
    );
  });
});

/** The documentation of torch.optim.Adadelta, line by line, for a single number; each call is a step. */
function scalarAdadelta(theta: number, settings: Partial<AdadeltaSettings>): Path {
  const { lr = 1, rho = 0.9, eps = 1e-6, weightDecay = 0 } = settings;
  let [v, u] = [0, 0];
  return (gradient) => {
    const g = gradient(theta) + weightDecay * theta;
    v = rho * v + (1 - rho) * g ** 2;
    const move = (Math.sqrt(u + eps) / Math.sqrt(v + eps)) * g;
    u = rho * u + (1 - rho) * move ** 2;
    theta -= lr * move;
    return theta;
  };
}
