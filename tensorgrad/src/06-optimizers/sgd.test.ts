import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectTrajectory, type Path, strayed } from "../../tests/06-optimizers/trajectory.fixture.ts";
import { tensor } from "../01-tensor/index.ts";
import { SGD, type SGDSettings } from "./index.ts";

describe("SGD", () => {
  /** Positions of a parameter that starts at 1, with gradient 2 at every step. */
  const path = (settings: Partial<SGDSettings>, steps = 2): number[] => {
    const p = tensor([1], { dtype: "float64", requiresGrad: true });
    const optimizer = new SGD([p], { lr: 0.1, ...settings });
    return Array.from({ length: steps }, () => {
      optimizer.zeroGrad();
      p.mul(2).sum().backward();
      optimizer.step();
      return p.item();
    });
  };

  it("goes down the gradient: 1 − 0.1·2", () => {
    expect(path({})).toEqual([close(0.8), close(0.6)]);
  });

  it("gathers momentum: v = 2, then 0.9·2 + 2 = 3.8", () => {
    expect(path({ momentum: 0.9 })).toEqual([close(0.8), close(0.8 - 0.38)]);
  });

  it("dampens all but the first gradient: v = 2, then 0.9·2 + ½·2 = 2.8", () => {
    expect(path({ momentum: 0.9, dampening: 0.5 })).toEqual([close(0.8), close(0.8 - 0.28)]);
  });

  it("looks ahead with nesterov: 2 + 0.9·2 = 3.8, then 2 + 0.9·3.8 = 5.42", () => {
    expect(path({ momentum: 0.9, nesterov: true })).toEqual([close(0.62), close(0.62 - 0.542)]);
  });

  it("lets weight decay join the gradient: 2 + 0.5·1 = 2.5, then 2 + 0.5·0.75", () => {
    expect(path({ weightDecay: 0.5 })).toEqual([close(0.75), close(0.75 - 0.2375)]);
  });
});

describe("ten steps of SGD", () => {
  const variants: Record<string, Partial<SGDSettings>> = {
    plain: {},
    "weight decay": { weightDecay: 0.1 },
    momentum: { momentum: 0.9 },
    dampening: { momentum: 0.9, dampening: 0.3 },
    nesterov: { momentum: 0.8, nesterov: true },
    "nesterov and weight decay": { momentum: 0.8, nesterov: true, weightDecay: 0.1 },
    "all but nesterov": { momentum: 0.7, dampening: 0.2, weightDecay: 0.05 },
  };
  for (const [name, settings] of Object.entries(variants)) {
    it(`equal PyTorch's formulas, written out for one number: ${name}`, () => {
      expectTrajectory(...pair({ lr: 0.1, ...settings }));
    });
  }

  it("equal them for any settings", () => {
    const share = (max: number) => fc.integer({ min: 0, max: 99 }).map((n) => (max * n) / 100);
    const settings = fc.record({ momentum: share(1), dampening: share(1), weightDecay: share(0.5) });
    fc.assert(
      fc.property(settings, share(0.3), fc.boolean(), (rest, rate, ahead) => {
        const nesterov = ahead && rest.momentum > 0;
        const dampening = nesterov ? 0 : rest.dampening;
        const settings = { ...rest, dampening, nesterov, lr: 0.01 + rate };
        expect(strayed(...pair(settings))).toBeLessThan(1);
      }),
      { numRuns: 50 },
    );
  });
});

const close = (value: number): number => expect.closeTo(value, 14);

/** The optimizer, and its formula. */
const pair = (settings: Partial<SGDSettings>): Parameters<typeof expectTrajectory> => [
  (params) => new SGD(params, settings),
  (theta) => scalarSGD(theta, settings),
];

/** torch.optim.SGD's documentation, line by line, for a single number; each call is a step. */
function scalarSGD(theta: number, settings: Partial<SGDSettings>): Path {
  const { lr = 0, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = settings;
  let [buffer, t] = [NaN, 0];
  return (gradient) => {
    t++;
    let g = gradient(theta);
    if (weightDecay !== 0) g += weightDecay * theta;
    if (momentum !== 0) {
      if (t > 1) buffer = momentum * buffer + (1 - dampening) * g;
      else buffer = g;
      if (nesterov) g += momentum * buffer;
      else g = buffer;
    }
    theta -= lr * g;
    return theta;
  };
}
