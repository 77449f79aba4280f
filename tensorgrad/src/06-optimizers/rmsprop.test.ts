import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectTrajectory, type Path, strayed } from "../../tests/06-optimizers/trajectory.fixture.ts";
import { tensor } from "../01-tensor/index.ts";
import { RMSprop, type RMSpropSettings } from "./index.ts";

describe("RMSprop", () => {
  /** Where 1 gets in one step with the given gradient. */
  const moved = (gradient: number, settings: Partial<RMSpropSettings>) => {
    const p = tensor([1], { dtype: "float64", requiresGrad: true });
    p.mul(gradient).sum().backward();
    new RMSprop([p], settings).step();
    return p.item();
  };

  it("divides by the root of v = 0.01·g², so that the first step is ten times lr, whatever the gradient", () => {
    for (const gradient of [1e-3, 1, 1e6]) {
      expect(moved(gradient, { lr: 0.01, eps: 0 })).toBeCloseTo(0.9, 12);
    }
  });

  it("divides by the deviation when centered: v = 0.01·4, mean = 0.01·2, variance 0.04 − 0.0004", () => {
    expect(moved(2, { lr: 0.01, eps: 0, centered: true })).toBeCloseTo(1 - 0.02 / Math.sqrt(0.0396), 12);
  });

  it("does not mind a variance that rounding makes negative", () => {
    const p = tensor([1], { requiresGrad: true });
    const optimizer = new RMSprop([p], { lr: 1e-3, alpha: 0, centered: true, eps: 1e-3 });
    p.mul(0.1).sum().backward(); // v = g², mean = g: nothing is left
    optimizer.step();
    expect(p.item()).toBeCloseTo(0.9, 3);
  });
});

describe("ten steps of RMSprop", () => {
  const variants: Record<string, Partial<RMSpropSettings>> = {
    plain: {},
    "weight decay": { weightDecay: 0.1 },
    "short memory": { alpha: 0.5, eps: 1e-3 },
    momentum: { momentum: 0.9 },
    centered: { centered: true },
    everything: { centered: true, momentum: 0.5, weightDecay: 0.1, alpha: 0.9 },
  };
  for (const [name, more] of Object.entries(variants)) {
    it(`equal PyTorch's formulas, written out for one number: ${name}`, () => {
      const settings = { lr: 0.01, eps: 1e-4, ...more };
      expectTrajectory(
        (params) => new RMSprop(params, settings),
        (theta) => scalarRMSprop(theta, settings),
      );
    });
  }

  it("equal them for any settings", () => {
    const share = (max: number) => fc.integer({ min: 0, max: 99 }).map((n) => (max * n) / 100);
    const settings = fc.record({
      lr: share(0.05).map((x) => x + 1e-3),
      alpha: share(0.5).map((x) => x + 0.5), // with a short memory a centered variance is all cancellation
      eps: fc.constantFrom(1e-3, 0.1),
      momentum: share(1),
      weightDecay: share(0.5),
      centered: fc.boolean(),
    });
    fc.assert(
      fc.property(settings, (settings) => {
        const share = strayed(
          (params) => new RMSprop(params, settings),
          (theta) => scalarRMSprop(theta, settings),
        );
        expect(share).toBeLessThan(1);
      }),
      { numRuns: 50 },
    );
  });
});

/** torch.optim.RMSprop's documentation, line by line, for a single number; each call is a step. */
function scalarRMSprop(theta: number, settings: Partial<RMSpropSettings>): Path {
  const { lr = 0.01, alpha = 0.99, eps = 1e-8, momentum = 0, weightDecay = 0, centered = false } = settings;
  let [v, buffer, average] = [0, 0, 0];
  return (gradient) => {
    let g = gradient(theta);
    if (weightDecay !== 0) g += weightDecay * theta;
    v = alpha * v + (1 - alpha) * g ** 2;
    let vTilde = v;
    if (centered) {
      average = alpha * average + (1 - alpha) * g;
      vTilde = Math.max(vTilde - average ** 2, 0);
    }
    if (momentum > 0) {
      buffer = momentum * buffer + g / (Math.sqrt(vTilde) + eps);
      theta -= lr * buffer;
    } else {
      theta -= (lr * g) / (Math.sqrt(vTilde) + eps);
    }
    return theta;
  };
}
