import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heap, Random, scope } from "../../00-runtime/index.ts";
import { randn, type Tensor } from "../../01-tensor/index.ts";
import { ReLU } from "../../02-activations/index.ts";
import { Sequential } from "../../03-layers/index.ts";
import { noGrad } from "../../05-autograd/index.ts";
import { SGD } from "../../06-optimizers/index.ts";
import { MaxPool2d } from "../pooling/pool-layers.ts";
import { Conv2d, type Conv2dOptions, ConvTranspose2d } from "./conv-layers.ts";
import { conv2d } from "./conv2d.ts";

const random = new Random(4);
const draw = (...shape: number[]): Tensor => randn(shape, { random });
const numbers = (t: Tensor): number[] => [...t.contiguous().data];

/** One for every form in which filters are kept: Winograd's planes, theirs turned round, matrices. */
const layers: readonly (() => Conv2d | ConvTranspose2d)[] = [
  () => new Conv2d(8, 12, 3, { padding: 1, random }),
  () => new ConvTranspose2d(12, 8, 3, { padding: 1, random }),
  () => new Conv2d(8, 12, 3, { stride: 2, random }),
  () => new Conv2d(8, 12, 1, { groups: 2, random }),
  () => new ConvTranspose2d(12, 8, 3, { stride: 2, random }),
];
const imageFor = (layer: Conv2d | ConvTranspose2d): Tensor => draw(1, layer instanceof Conv2d ? 8 : 12, 8, 8);

/** What a new layer of the same numbers gives. */
function fresh(which: number, layer: Conv2d | ConvTranspose2d, x: Tensor): number[] {
  const like = layers[which]();
  like.weight.assign(layer.weight.clone());
  like.bias?.assign((layer.bias as Tensor).clone());
  return numbers(noGrad(() => like.forward(x)));
}

/** One look, and the bytes of the heap in use after it. */
function looked(layer: Conv2d | ConvTranspose2d, x: Tensor): { readonly y: number[]; readonly live: number } {
  const look = scope();
  const y = numbers(noGrad(() => layer.forward(x)));
  look.dispose();
  return { y, live: heap.live };
}

/** Every way to change a filter: each returns at once. */
const changes: readonly ((layer: Conv2d | ConvTranspose2d) => void)[] = [
  ({ weight }) => void weight.assign(draw(...weight.shape)),
  (layer) => void layer.loadStateDict({ ...layer.stateDict(), weight: draw(...layer.weight.shape) }),
  ({ weight }) => weight.data.fill(0.5, 3, 40),
  ({ weight }) => weight.data.set([1, 2, 3]),
  (layer) => {
    const optimizer = new SGD(layer.parameters(), { lr: 0.5 });
    layer.forward(imageFor(layer)).sum().backward();
    optimizer.step();
    optimizer.zeroGrad();
  },
];

describe("filters that are kept between calls", () => {
  it("give the same bits each time, and cost memory once", () => {
    for (const make of layers) {
      using _ = scope();
      const layer = make();
      const x = imageFor(layer);
      const [first, ...others] = Array.from({ length: 4 }, () => looked(layer, x));
      for (const { y } of others) expect(y).toEqual(first.y);
      const live = others.map((other) => other.live - first.live);
      expect(live).toEqual([live[0], live[0], live[0]]);
      expect(live[0]).toBeGreaterThanOrEqual(4 * layer.weight.size);
    }
  });

  it("are never those of before a change, however often and in whatever way the layer changes", () => {
    const steps = fc.array(fc.nat(changes.length), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.nat(layers.length - 1), steps, (which, list) => {
        using _ = scope();
        const layer = layers[which]();
        const x = imageFor(layer);
        for (const step of list) {
          changes[step]?.(layer); // one number stands for no change
          const want = fresh(which, layer, x);
          for (let i = 0; i < 3; i++) expect(looked(layer, x).y).toEqual(want);
        }
      }),
      { numRuns: 12 },
    );
  });

  it("follow what is written through a live view at any time", () => {
    const { weight } = new Conv2d(8, 8, 3, { random });
    const x = draw(1, 8, 6, 6);
    const look = () => numbers(noGrad(() => conv2d(x, weight)));
    const view = weight.data;
    look();
    look();
    view.fill(0);
    expect(look().every((y) => y === 0)).toBe(true);
  });

  it("are told apart by where they lie, and by their shape", () => {
    const all = draw(2, 8, 8, 3, 3);
    const x = draw(1, 8, 6, 6);
    const want = [0, 1].map((i) => numbers(conv2d(x, all.select(0, i).clone())));
    for (let i = 0; i < 6; i++) expect(numbers(conv2d(x, all.select(0, i % 2)))).toEqual(want[i % 2]);
    const turned = numbers(conv2d(x, all.select(0, 0).transpose(0, 1).clone()));
    for (let i = 0; i < 3; i++) expect(numbers(conv2d(x, all.select(0, 0).transpose(0, 1)))).toEqual(turned);
  });

  it("end with their filters, and survive a scope that their filters leave", () => {
    const before = heap.live;
    const x = draw(1, 8, 6, 6);
    using outer = scope();
    const inner = scope();
    const w = inner.keep(draw(8, 8, 3, 3));
    const first = numbers(conv2d(x, w));
    conv2d(x, w);
    inner.dispose();
    expect(numbers(conv2d(x, w))).toEqual(first);
    expect(numbers(conv2d(x, w))).toEqual(first);
    w.dispose();
    expect(() => conv2d(x, w)).toThrow("its memory was freed");
    outer.dispose();
    x.dispose();
    expect(heap.live).toBe(before);
  });

  it("are not kept for a large batch, whose products outweigh them", () => {
    const conv = new Conv2d(8, 8, 3, { padding: 1, random });
    const many = draw(64, 8, 16, 16);
    using _ = scope();
    const live = Array.from({ length: 3 }, () => looked(conv, many).live);
    expect(live).toEqual([live[0], live[0], live[0]]);
  });
});

describe("a network that looks without gradients", () => {
  it("has the bits of its layers one after the other, NaN and infinities included", () => {
    for (const layersOf of [
      (conv: Conv2d) => [conv, new MaxPool2d(2), new ReLU()],
      (conv: Conv2d) => [conv, new ReLU(), new MaxPool2d(2)],
    ]) {
      for (const [inputs, options] of [
        [8, {}],
        [3, {}],
        [8, { groups: 2 }],
      ] as [number, Conv2dOptions][]) {
        const conv = new Conv2d(inputs, 8, 3, { padding: 1, random, ...options });
        const x = draw(2, inputs, 8, 8);
        x.data.set([NaN, Infinity], 100);
        const chain = layersOf(conv);
        const plain = noGrad(() => chain.reduce((y, layer) => layer.forward(y), x));
        const fused = noGrad(() => new Sequential(...chain).forward(x));
        expect(numbers(fused)).toEqual(numbers(plain));
        expect(fused.strides).toEqual(plain.strides);
      }
    }
  });

  it("leaves its input alone", () => {
    const x = draw(1, 8, 6, 6).neg();
    const before = numbers(x);
    noGrad(() => new Sequential(new Conv2d(8, 8, 3, { random }), new MaxPool2d(2), new ReLU()).forward(x));
    expect(numbers(x)).toEqual(before);
  });
});
