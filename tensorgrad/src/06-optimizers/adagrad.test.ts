import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectTrajectory, type Path, strayed } from "../../tests/06-optimizers/trajectory.fixture.ts";
import { tensor } from "../01-tensor/index.ts";
import { Adagrad, type AdagradSettings } from "./index.ts";

describe("Adagrad", () => {
  it("slows down as 1/√t while the gradient stays: 1 − 0.1·(1 + 1/√2 + 1/√3)", () => {
    const p = tensor([1], { dtype: "float64", requiresGrad: true });
    const optimizer = new Adagrad([p], { lr: 0.1, eps: 0 });
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      p.mul(5).sum().backward();
      optimizer.step();
    }
    expect(p.item()).toBeCloseTo(1 - 0.1 * (1 + 1 / Math.sqrt(2) + 1 / Math.sqrt(3)), 14);
  });
});

describe("ten steps of Adagrad", () => {
  const variants: Record<string, Partial<AdagradSettings>> = {
    plain: {},
    "weight decay": { weightDecay: 0.1 },
    "a rate that decays": { lrDecay: 0.3 },
    "a sum that begins above 0": { initialAccumulator: 0.5 },
    everything: { lrDecay: 0.1, initialAccumulator: 1, weightDecay: 0.2, eps: 1e-3 },
  };
  for (const [name, more] of Object.entries(variants)) {
    it(`equal PyTorch's formulas, written out for one number: ${name}`, () => {
      const settings = { lr: 0.1, ...more };
      expectTrajectory(
        (params) => new Adagrad(params, settings),
        (theta) => scalarAdagrad(theta, settings),
      );
    });
  }

  it("equal them for any settings", () => {
    const share = (max: number) => fc.integer({ min: 0, max: 99 }).map((n) => (max * n) / 100);
    const settings = fc.record({
      lr: share(0.3).map((x) => x + 1e-3),
      lrDecay: share(1),
      weightDecay: share(0.5),
      initialAccumulator: share(2),
    });
    fc.assert(
      fc.property(settings, (settings) => {
        const share = strayed(
          (params) => new Adagrad(params, settings),
          (theta) => scalarAdagrad(theta, settings),
        );
        expect(share).toBeLessThan(1);
      }),
      { numRuns: 50 },
    );
  });
});

/** torch.optim.Adagrad's documentation, line by line, for a single number; each call is a step. */
function scalarAdagrad(theta: number, settings: Partial<AdagradSettings>): Path {
  const { lr = 0.01, lrDecay = 0, weightDecay = 0, initialAccumulator = 0, eps = 1e-10 } = settings;
  let [sum, t] = [initialAccumulator, 0];
  return (gradient) => {
    t++;
    let g = gradient(theta);
    const rate = lr / (1 + (t - 1) * lrDecay);
    if (weightDecay !== 0) g += weightDecay * theta;
    sum = sum + g ** 2;
    theta = theta - (rate * g) / (Math.sqrt(sum) + eps);
    return theta;
  };
}
