import { describe, expect, it } from "vitest";
import { defaultRandom, Random } from "../../00-runtime/index.ts";
import { randn } from "../../01-tensor/index.ts";
import { ReLU } from "../../02-activations/index.ts";
import { Sequential } from "../../03-layers/index.ts";
import { BatchNorm2d, Conv2d, foldBatchNorm, ResNet } from "../index.ts";

const double = { dtype: "float64" } as const;

describe("foldBatchNorm", () => {
  it("makes one convolution of it and the norm behind it, with equal results", () => {
    const random = new Random(1);
    for (const bias of [true, false]) {
      const conv = new Conv2d(4, 6, 3, {
        groups: 2,
        stride: 2,
        padding: 1,
        paddingMode: "reflect",
        bias,
        random,
      });
      const norm = new BatchNorm2d(6, { affine: bias });
      const model = new Sequential(conv, norm, new ReLU()).to("float64");
      model.forward(randn([5, 4, 7, 6], { random, ...double }).add(1)); // moves the statistics
      norm.weight?.assign(randn([6], { random }));
      norm.bias?.assign(randn([6], { random }));
      const x = randn([2, 4, 7, 6], { random, ...double });
      const before = model.eval().forward(x);
      const drawn = defaultRandom.state;
      expect(foldBatchNorm(model)).toBe(1);
      expect(defaultRandom.state).toEqual(drawn);
      expect(model.layers.map((layer) => layer.constructor.name)).toEqual(["Conv2d", "ReLU"]);
      expect(model.forward(x).sub(before).abs().max().item()).toBeLessThan(1e-12);
      expect(norm.runningVar?.storage.freed).toBe(false);
    }
  });

  it("reaches into every block of a residual network", () => {
    const random = new Random(2);
    const model = new ResNet({ widths: [4, 8], blocks: [1, 2], random });
    const x = randn([3, 3, 8, 8], { random });
    model.forward(x);
    const before = model.eval().forward(x);
    expect(foldBatchNorm(model)).toBe(1 + 2 + 3 + 2); // stem, first block, second with shortcut, third
    expect(model.forward(x).sub(before).abs().max().item()).toBeLessThan(1e-5);
  });

  it("leaves norms alone that stand elsewhere, or keep no statistics", () => {
    const model = new Sequential(
      new BatchNorm2d(2),
      new Conv2d(2, 2, 1),
      new BatchNorm2d(2, { trackRunningStats: false }),
    );
    expect(foldBatchNorm(model.eval())).toBe(0);
    expect(model.layers.length).toBe(3);
  });

  it("refuses a model in training", () => {
    expect(() => foldBatchNorm(new Sequential())).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: foldBatchNorm: a model in training — there, a norm depends on the batch; call model.eval() first]`,
    );
  });
});
