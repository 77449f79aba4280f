import { describe, expect, it } from "vitest";
import { Random, scope } from "../00-runtime/index.ts";
import { fromArray, ones, randn, tensor } from "../01-tensor/index.ts";
import { ReLU } from "../02-activations/index.ts";
import { Linear, Sequential } from "../03-layers/index.ts";
import { mse } from "../04-losses/index.ts";
import "../05-autograd/index.ts";
import { AdamW } from "../06-optimizers/index.ts";
import { FakeQuantize, quantizationAware } from "./aware.ts";
import { quantizeModel } from "./quantize-model.ts";

describe("FakeQuantize", () => {
  it("rounds, and lets the gradient through where nothing is cut off", () => {
    const x = tensor([[-9, -0.3, 0.25, 0.75, 9]], { requiresGrad: true });
    const y = new FakeQuantize(0, 7).apply(x, tensor([0.5]), fromArray(Uint8Array.of(2), [1]));
    expect(y.toArray()).toEqual([[-1, -0.5, 0, 1, 2.5]]);
    y.backward(ones([1, 5]));
    expect(x.grad?.toArray()).toEqual([[0, 1, 1, 1, 0]]);
  });
});

describe("quantizationAware", () => {
  it("trains the same parameters, and computes what quantizeModel will", () => {
    const random = new Random(1);
    const model = new Sequential(new Linear(6, 24, { random }), new ReLU(), new Linear(24, 2, { random }));
    const before = model.namedParameters();
    quantizationAware(model);
    expect(model.namedParameters()).toEqual(before);
    const [x, y] = [randn([64, 6], { random }), randn([64, 2], { random })];
    const loss = () => mse(model.forward(x), y);
    const first = loss().item();
    const optimizer = new AdamW(model.parameters(), { lr: 0.02 });
    for (let step = 0; step < 150; step++) {
      using _ = scope();
      optimizer.zeroGrad();
      loss().backward();
      optimizer.step();
    }
    expect(loss().item()).toBeLessThan(0.7 * first);
    const trained = model.forward(x).detach();
    quantizeModel(model);
    expect(model.forward(x).sub(trained).abs().max().item()).toBeLessThan(1e-4);
  });

  it("refuses a model in which nothing would be rounded", () => {
    expect(() => quantizationAware(new Sequential(new ReLU()))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: quantizationAware: Sequential holds no Linear and no Conv2d — there is nothing that would be rounded]`,
    );
  });
});
