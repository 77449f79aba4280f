import { describe, expect, it } from "vitest";
import { Random } from "../../00-runtime/index.ts";
import { randn, type Tensor } from "../../01-tensor/index.ts";
import { ReLU } from "../../02-activations/index.ts";
import { Sequential } from "../../03-layers/index.ts";
import { grad } from "../../05-autograd/index.ts";
import { MaxPool2d } from "../pooling/pool-layers.ts";
import { Conv2d } from "./conv-layers.ts";

/** Channels in and out, image, and options: Winograd's with whole and ragged tiles, images of few channels, and what is not fused. */
const cases = [
  [8, 12, [8, 8], { padding: 1 }],
  [16, 8, [6, 10], { padding: 1, bias: false }],
  [12, 8, [4, 2], { padding: 1 }],
  [3, 20, [32, 32], { padding: 1 }],
  [1, 7, [9, 11], { padding: [0, 1], stride: [1, 2] }],
  [3, 8, [7, 7], { padding: 1 }],
  [6, 4, [8, 8], { padding: 1, groups: 2 }],
  [4, 4, [8, 8], { padding: 1, paddingMode: "reflect" }],
] as const;

function draw(i: number, seed = 1) {
  const [inputs, outputs, image, options] = cases[i];
  const random = new Random(seed + i);
  const conv = new Conv2d(inputs, outputs, 3, { ...options, random });
  const x = randn([5, inputs, ...image], { random });
  x.requiresGrad = true;
  return { conv, x, random };
}

/** Result, then the gradients of images and parameters. */
function all(y: Tensor, leaves: readonly Tensor[], seed: number): Tensor[] {
  const g = randn(y.shape, { random: new Random(seed) });
  return [y, ...grad([y], leaves, { gradOutputs: [g] })];
}

const numbers = (t: Tensor): number[] => [...t.contiguous().data];

describe("Conv2d and MaxPool2d in a Sequential", () => {
  it("have the bits that they have one after the other", () => {
    for (let i = 0; i < cases.length; i++) {
      const { conv, x } = draw(i);
      const pool = new MaxPool2d(2);
      const leaves = [x, ...conv.parameters()];
      const fused = all(new Sequential(conv, pool).forward(x), leaves, i);
      const plain = all(pool.forward(conv.forward(x)), leaves, i);
      for (const k of [0, 1, 2]) expect([i, k, numbers(fused[k])]).toEqual([i, k, numbers(plain[k])]);
      if (!conv.bias) continue;
      const [difference, terms] = [fused[3].sub(plain[3]).abs().max(), fused[0].size / fused[0].shape[1]];
      expect(difference.item()).toBeLessThan(1e-7 * terms); // its terms are added in another order
    }
  });

  it("may have a ReLU between them", () => {
    const { conv, x } = draw(0);
    const [pool, relu] = [new MaxPool2d(2), new ReLU()];
    const fused = all(new Sequential(conv, relu, pool).forward(x), [x], 3);
    const plain = all(pool.forward(relu.forward(conv.forward(x))), [x], 3);
    expect(fused.map(numbers)).toEqual(plain.map(numbers));
  });

  it("are one after the other where windows are other ones", () => {
    const { conv, x } = draw(0);
    for (const pool of [new MaxPool2d(3), new MaxPool2d(2, { stride: 1 }), new MaxPool2d(2, { padding: 1 })])
      expect(numbers(new Sequential(conv, pool).forward(x))).toEqual(numbers(pool.forward(conv.forward(x))));
  });

  it("let NaN win, as pooling does, and pass gradients to the last one", () => {
    const { conv, x } = draw(3);
    x.data[40] = Number.NaN;
    const pool = new MaxPool2d(2);
    const fused = all(new Sequential(conv, pool).forward(x), [x], 4);
    const plain = all(pool.forward(conv.forward(x)), [x], 4);
    expect(fused.map(numbers)).toEqual(plain.map(numbers));
  });

  it("are differentiable again", () => {
    for (const i of [0, 3]) {
      const { conv, x } = draw(i);
      const pool = new MaxPool2d(2);
      const second = (y: Tensor) => {
        const [dx] = grad([y.square().sum()], [x], { createGraph: true });
        return grad([dx.square().sum()], [conv.weight])[0];
      };
      const [fused, plain] = [
        second(new Sequential(conv, pool).forward(x)),
        second(pool.forward(conv.forward(x))),
      ];
      const scale = plain.abs().max().item();
      expect(fused.sub(plain).abs().max().item()).toBeLessThan(1e-5 * scale);
    }
  });

  it("keep nothing of the size of the whole result", () => {
    const { conv, x } = draw(3);
    const y = new Sequential(conv, new MaxPool2d(2)).forward(x);
    expect(y.gradFn?.name).toBe("PooledConvolution");
    expect(y.shape).toEqual([5, 20, 16, 16]);
  });
});
