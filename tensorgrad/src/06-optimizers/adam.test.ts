import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectTrajectory, type Path, strayed } from "../../tests/06-optimizers/trajectory.fixture.ts";
import { tensor } from "../01-tensor/index.ts";
import { Adam, type AdamSettings, AdamW } from "./index.ts";

describe("Adam", () => {
  /** Where 1 gets in one step with the given gradient. */
  const moved = (Kind: typeof Adam, gradient: number, settings: Partial<AdamSettings>) => {
    const p = tensor([1], { dtype: "float64", requiresGrad: true });
    p.mul(gradient).sum().backward();
    new Kind([p], settings).step();
    return p.item();
  };

  it("takes a first step of lr, whatever the size of the gradient", () => {
    for (const gradient of [1e-3, 1, 1e6]) {
      expect(moved(Adam, gradient, { lr: 0.1, eps: 0 })).toBeCloseTo(0.9, 14);
      expect(moved(Adam, -gradient, { lr: 0.1, eps: 0 })).toBeCloseTo(1.1, 14);
    }
  });

  it("adds eps to the root: a gradient as small as eps moves by half of lr", () => {
    expect(moved(Adam, 1e-8, { lr: 0.1 })).toBeCloseTo(0.95, 14);
  });

  it("hides weight decay in the gradient, where AdamW shrinks the weight by 1 − lr·weightDecay", () => {
    const settings = { lr: 0.1, weightDecay: 0.5, eps: 0 };
    expect(moved(Adam, 2, settings)).toBeCloseTo(0.9, 14); // its sign is all that counts
    expect(moved(AdamW, 2, settings)).toBeCloseTo(1 - 0.05 - 0.1, 14);
    expect(moved(AdamW, 2, { lr: 0.1 })).toBeCloseTo(1 - 0.001 - 0.1, 8); // 0.01 by default
  });
});

describe("ten steps", () => {
  const variants: Record<string, [kind: typeof Adam, settings: Partial<AdamSettings>]> = {
    Adam: [Adam, {}],
    "Adam with weight decay": [Adam, { weightDecay: 0.1 }],
    "Adam with short memory": [Adam, { betas: [0.5, 0.6], eps: 1e-3 }],
    "Adam without memory": [Adam, { betas: [0, 0] }],
    "Adam with amsgrad": [Adam, { amsgrad: true, betas: [0.9, 0.5] }],
    "Adam with amsgrad and weight decay": [Adam, { amsgrad: true, weightDecay: 0.1 }],
    AdamW: [AdamW, {}],
    "AdamW with amsgrad": [AdamW, { amsgrad: true, betas: [0.8, 0.9] }],
    "AdamW with weight decay": [AdamW, { weightDecay: 0.2, betas: [0.8, 0.95] }],
  };
  for (const [name, [Kind, settings]] of Object.entries(variants)) {
    it(`of ${name} equal PyTorch's formulas, written out for one number`, () => {
      expectTrajectory(...pair(Kind, { lr: 0.05, ...settings }));
    });
  }

  it("equal them for any settings", () => {
    const share = (max: number) => fc.integer({ min: 0, max: 99 }).map((n) => (max * n) / 100);
    const settings = fc.record({
      lr: share(0.2).map((x) => x + 1e-3),
      // β₁ ≤ β₂, or steps of m/√v have no bound: v may have forgotten what m remembers.
      betas: fc.tuple(share(1), share(1)).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]),
      eps: fc.constantFrom(1e-8, 1e-4, 0.1),
      weightDecay: share(0.5),
      amsgrad: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.constantFrom(Adam, AdamW), settings, (Kind, settings) => {
        expect(strayed(...pair(Kind, settings))).toBeLessThan(1);
      }),
      { numRuns: 50 },
    );
  });
});

/** The optimizer, and its formula. */
const pair = (Kind: typeof Adam, settings: Partial<AdamSettings>): Parameters<typeof expectTrajectory> => [
  (params) => new Kind(params, settings),
  (theta) => scalarAdam(theta, Kind === AdamW, settings),
];

/** The documentation of torch.optim.Adam and AdamW, line by line, for a single number; each call is a step. */
function scalarAdam(theta: number, decoupled: boolean, settings: Partial<AdamSettings>): Path {
  const { lr = 0.001, betas = [0.9, 0.999], eps = 1e-8, weightDecay = decoupled ? 0.01 : 0 } = settings;
  const [beta1, beta2] = betas;
  let [m, v, vMax, t] = [0, 0, 0, 0];
  return (gradient) => {
    t++;
    let g = gradient(theta);
    if (decoupled) theta = theta - lr * weightDecay * theta;
    else g = g + weightDecay * theta;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g ** 2;
    const mHat = m / (1 - beta1 ** t);
    vMax = Math.max(vMax, v);
    const vHat = (settings.amsgrad ? vMax : v) / (1 - beta2 ** t);
    theta = theta - (lr * mHat) / (Math.sqrt(vHat) + eps);
    return theta;
  };
}
