import { noGrad, Random, randint, randn, type Tensor } from "tensorgrad";
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  GPT,
  type GPTOptions,
  KVCache,
  type Layer,
  Linear,
  MaxPool2d,
  type Module,
  MultiHeadAttention,
  ReLU,
  Residual,
  ResNet,
  Sequential,
  Softmax,
} from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { structuredPrune } from "./structured-prune.ts";

const double = { dtype: "float64" } as const;

const cnn = (seed = 1, [a, b, c] = [6, 8, 10]): Sequential => {
  const random = new Random(seed);
  const block = (from: number, to: number): Layer[] => [
    new Conv2d(from, to, 3, { padding: 1, bias: false, random }),
    new MaxPool2d(2),
    new BatchNorm2d(to),
    new ReLU(),
  ];
  const head = [new Flatten(), new Linear(c * 4, 5, { random })];
  return new Sequential(...block(3, a), ...block(a, b), new Sequential(...block(b, c)), ...head);
};
const images = randn([4, 3, 16, 16], { random: new Random(2), ...double });

const sizes = { vocabSize: 7, embedDim: 16, numLayers: 2, numHeads: 4, maxSeqLen: 8 };
const gpts: Record<string, Partial<GPTOptions>> = {
  "as GPT-2": {},
  "as milestone 4": {
    ...{
      positions: "rotary",
      norm: "rms",
      activation: "reluSquared",
      bias: false,
      tied: false,
      qkNorm: true,
    },
  },
  "with a gate and two key heads": { numKvHeads: 2, activation: "swiglu", positions: "rotary" },
};
const gpt = (options: Partial<GPTOptions>, seed = 3): GPT =>
  new GPT({ ...sizes, ...options, random: new Random(seed) }).eval();
const ids = randint(0, 7, [2, 8], { random: new Random(4) });

/** Moves statistics, gains and biases away from where they start. */
function shaken<M extends Module>(model: M): M {
  const random = new Random(5);
  for (const [path, t] of model.namedTensors())
    if (t.isFloat)
      t.assign(
        randn(t.shape, { random })
          .mul(0.3)
          .add(path.endsWith("Var") ? 2 : 0)
          .abs(),
      );
  return model.eval();
}

/** Zeros in the columns (of dim 1) of all but the kept units. */
function deafen(t: Tensor, kept: readonly number[], block: number): void {
  const [rows, columns] = [t.shape[0], t.shape[1]];
  const rest = t.size / rows / columns;
  t.assign(
    t.data.map((w, i) => (kept.includes(Math.floor((Math.floor(i / rest) % columns) / block)) ? w : 0)),
  );
}

/** The largest difference, beside the largest number. */
const apart = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item() / b.abs().max().item();

describe("structuredPrune", () => {
  it("makes a convolutional network of half the width, which computes what the other half no longer hears", () => {
    const [model, whole] = [cnn(), cnn()].map((one) => shaken(one).to("float64"));
    const { layers, kept, parameters } = structuredPrune(model, { sparsity: 0.5 });
    expect(layers.map(({ name, kind, before, after }) => `${name}: ${before} → ${after} ${kind}`)).toEqual([
      "0: 6 → 3 channels",
      "4: 8 → 4 channels",
      "8.0: 10 → 5 channels",
    ]);
    const shapes = (one: Module) => one.namedTensors().map(([path, { shape }]) => [path, shape]);
    expect(shapes(model)).toEqual(shapes(cnn(1, [3, 4, 5])));
    expect(parameters.after).toBe(
      cnn(1, [3, 4, 5])
        .parameters()
        .reduce((sum, { size }) => sum + size, 0),
    );
    const readers = [
      whole.layers[4],
      (whole.layers[8] as Sequential).layers[0],
      whole.layers[10],
    ] as Conv2d[];
    for (const [i, reader] of readers.entries())
      deafen(reader.weight, Object.values(kept)[i], i === 2 ? 4 : 1);
    expect(apart(model.forward(images), whole.forward(images))).toBeLessThan(1e-12);
  });

  it("keeps what says most and is heard most", () => {
    const model = new Sequential(new Linear(1, 3, { bias: false }), new ReLU(), new Linear(3, 1));
    const [first, , last] = model.layers as [Linear, ReLU, Linear];
    first.weight.assign([1, 2, 3]);
    last.weight.assign([5, 2, 1]); // 5, 4, 3
    expect(structuredPrune(model, { sparsity: 0.6 }).kept).toEqual({ 0: [0] });
    expect([first.weight, last.weight].map((w) => w.toArray())).toEqual([[[1]], [[5]]]);
  });

  it.each(Object.entries(gpts))("takes heads and neurons from a GPT %s", (_, options) => {
    const [model, whole] = [gpt(options), gpt(options)].map((one) => shaken(one).to("float64"));
    const { layers, kept } = structuredPrune(model, { sparsity: 0.75, heads: 0.5 });
    expect(layers.map(({ name }) => name)).toEqual(
      [0, 1].flatMap((i) => [`blocks.${i}.attention`, `blocks.${i}.mlp`]),
    );
    for (const [i, { attention, mlp }] of whole.blocks.entries()) {
      deafen(attention.out.weight, kept[`blocks.${i}.attention`], 16 / attention.numKvHeads);
      deafen(mlp.down.weight, kept[`blocks.${i}.mlp`], 1);
    }
    expect(apart(model.forward(ids), whole.forward(ids))).toBeLessThan(1e-12);
    expect(model.blocks[0].mlp.up.weight.shape).toEqual([16, 16]);
    expect(model.blocks[1].attention.q.weight.shape).toEqual([8, 16]);
  });

  it.each(Object.entries(gpts))(
    "leaves a GPT %s that writes the same with a cache as without",
    (_, options) => {
      const model = shaken(gpt(options));
      structuredPrune(model);
      const write = (cache?: KVCache) =>
        model.generate([1], { maxLength: 6, temperature: 0, ...(cache ? { cache } : {}) });
      expect(write(KVCache.for(model))).toEqual(write());
      expect(KVCache.for(model).bytes).toBe(KVCache.for(gpt(options)).bytes / 2);
    },
  );

  it("takes heads of MultiHeadAttention, too", () => {
    const make = () => new MultiHeadAttention(12, 6, { numKvHeads: 3, qkNorm: true, random: new Random(6) });
    const [model, whole] = [make(), make()].map((one) => shaken(one).to("float64"));
    const { kept } = structuredPrune(model, { heads: 0.3 });
    deafen(whole.out.weight, kept[""], 4);
    const x = randn([2, 5, 12], { random: new Random(7), ...double });
    expect(apart(model.forward(x), whole.forward(x))).toBeLessThan(1e-12);
    expect([model.numHeads, model.numKvHeads]).toEqual([4, 2]);
  });

  it("respects the shapes of residuals: only channels inside of a branch leave", () => {
    const resnet = new ResNet({ widths: [4, 8], blocks: [1, 1], random: new Random(8) }).eval();
    const { layers } = structuredPrune(resnet);
    expect(layers.map(({ name }) => name)).toEqual(["stages.0.0.body.0", "stages.1.0.body.0"]);
    expect(resnet.forward(randn([1, 3, 8, 8])).shape).toEqual([1, 10]);
    const conv = (from: number, to: number) => new Conv2d(from, to, 3, { padding: 1 });
    const model = new Sequential(
      ...[conv(3, 8), new ReLU(), conv(8, 4), new Residual(conv(4, 6), new ReLU(), conv(6, 4)), conv(4, 2)],
    );
    expect(structuredPrune(model).layers.map(({ name }) => name)).toEqual(["0", "3.0"]);
    expect(model.forward(randn([1, 3, 5, 5])).shape).toEqual([1, 2, 5, 5]);
  });

  it("makes another model of the same shape, which then loads what was saved", () => {
    const [model, other] = [gpt({}, 1), gpt({}, 2)];
    const { kept } = structuredPrune(model, { heads: 0.25 });
    structuredPrune(other, { kept: JSON.parse(JSON.stringify(kept)) });
    other.loadStateDict(model.stateDict());
    using _ = noGrad();
    expect(other.forward(ids).toArray()).toEqual(model.forward(ids).toArray());
  });

  it("leaves at least one of everything", () => {
    const model = cnn();
    structuredPrune(model, { sparsity: 0.99 });
    expect(model.eval().to("float64").forward(images).shape).toEqual([4, 5]);
    expect((model.layers[0] as Conv2d).weight.shape[0]).toBe(1);
  });

  it("learns on", () => {
    for (const [model, x] of [
      [cnn(), randn([4, 3, 16, 16])],
      [gpt({ qkNorm: true }), ids],
    ] as const) {
      structuredPrune(model);
      model.train().forward(x).square().sum().backward();
      expect(model.parameters().filter(({ grad }) => grad === null)).toEqual([]);
    }
  });
});

describe("structuredPrune refuses", () => {
  const conv = () => new Conv2d(4, 4, 3, { padding: 1 });
  const model = new Sequential(
    ...[conv(), new Residual(conv(), new ReLU(), conv()), conv(), new Conv2d(4, 4, 1, { groups: 4 }), conv()],
  );

  it("layers whose output is added to another's", () => {
    expect(() => structuredPrune(model, { layers: ["0"] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "0" — its output is added to another's, so all of it must stay; prune "1.0"]`,
    );
    expect(() => structuredPrune(model, { layers: ["1.2"] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "1.2" — its output is added to another's, so all of it must stay; prune "1.0"]`,
    );
    const block = gpt({});
    expect(() =>
      structuredPrune(block, { layers: ["blocks.0.mlp.down"] }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "blocks.0.mlp.down" — its output is added to another's, so all of it must stay; prune "blocks.0.attention", "blocks.0.mlp", "blocks.1.attention", "blocks.1.mlp"]`,
    );
    const resnet = new ResNet({ widths: [4], blocks: [1] });
    expect(() =>
      structuredPrune(resnet, { layers: ["stages.0.0.body.3"] }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "stages.0.0.body.3" — its output is added to another's, so all of it must stay; prune "stages.0.0.body.0"]`,
    );
    expect(() => structuredPrune(resnet, { layers: ["stem.0"] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "stem.0" — its output goes into ResNet, whose forward may add it to another's; prune "stages.0.0.body.0"]`,
    );
  });

  it("layers whose channels others need as they are", () => {
    expect(() => structuredPrune(model, { layers: ["2"] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "2" — layer "3", Conv2d, reads it, and may do more than take each channel by itself; prune "1.0"]`,
    );
    expect(() => structuredPrune(model, { layers: ["3"] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "3" — its channels are in groups, which must stay equally large; prune "1.0"]`,
    );
    expect(() => structuredPrune(model, { layers: ["4"] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "4" — it is what the model gives, and all of it is wanted; prune "1.0"]`,
    );
    const shared = conv();
    const twice = new Sequential(shared, new ReLU(), shared, conv(), conv());
    expect(() => structuredPrune(twice, { layers: ["0"] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "0" — it, or what reads it, stands in more than one place; prune "3"]`,
    );
    const soft = new Sequential(new Linear(2, 2), new Softmax(), new Linear(2, 2));
    expect(() => structuredPrune(soft, { layers: ["0"] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "0" — layer "1", Softmax, reads it, and may do more than take each channel by itself; prune another model]`,
    );
  });

  it("names that are none, shares that are none, and models with nothing to prune", () => {
    expect(() => structuredPrune(model, { layers: ["9"] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "9" — Sequential has none of that name; prune "1.0"]`,
    );
    expect(() => structuredPrune(model, { layers: ["1"] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "1" is a Residual — it has no channels, neurons or heads of its own; prune "1.0"]`,
    );
    expect(() =>
      structuredPrune(gpt({}), { layers: ["blocks.0.mlp.up"] }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: layer "blocks.0.mlp.up" — it belongs to "blocks.0.mlp"; name that instead; prune "blocks.0.attention", "blocks.0.mlp", "blocks.1.attention", "blocks.1.mlp"]`,
    );
    expect(() => structuredPrune(model, { sparsity: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: sparsity 1 — the share that goes is from 0 to below 1; 0.9 removes nine of ten]`,
    );
    expect(() => structuredPrune(model, { heads: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: heads -1 — the share that goes is from 0 to below 1; 0.9 removes nine of ten]`,
    );
    expect(() => structuredPrune(new Sequential(conv()))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: nothing to prune in Sequential — no layer's outputs are read by the next one alone, as in a Sequential, and there are no heads]`,
    );
    expect(() => structuredPrune(model, { kept: { "1.0": [2, 1] } })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: kept [2, 1] of "1.0" — some of its 4 channels, 0 to 3, in rising order]`,
    );
  });

  it("to take heads from one layer of a GPT alone", () => {
    const model = gpt({});
    const before = model.toString();
    expect(() =>
      structuredPrune(model, { layers: ["blocks.1.attention"] }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: structuredPrune: "blocks.0.attention" keeps 4 heads of keys, "blocks.1.attention" 2 — a cache has as many in every layer of a GPT; prune the attentions of all blocks, or none]`,
    );
    expect(model.toString()).toBe(before);
  });
});
