import { Random, randint, randn } from "tensorgrad";
import { lowRank, magnitudePrune, structuredPrune } from "tensorgrad/compression";
import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  GPT,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
} from "tensorgrad/nn";
import { describe, expect, it } from "vitest";
import { parity } from "./parity.ts";

const random = new Random(1);
const images = randn([8, 3, 16, 16], { random });
const ids = randint(0, 11, [3, 8], { random });

const cnn = (): Sequential =>
  new Sequential(
    ...[new Conv2d(3, 16, 3, { padding: 1, random }), new BatchNorm2d(16), new ReLU(), new MaxPool2d(2)],
    ...[new Conv2d(16, 16, 3, { padding: 1, random }), new ReLU(), new MaxPool2d(2)],
    ...[new Flatten(), new Linear(256, 10, { random })],
  );
const gpt = (): GPT =>
  new GPT({
    ...{
      vocabSize: 11,
      embedDim: 32,
      numLayers: 2,
      numHeads: 4,
      maxSeqLen: 8,
      positions: "rotary",
      norm: "rms",
    },
    ...{ activation: "reluSquared", bias: false, tied: false, qkNorm: true, random },
  });

const ways: Readonly<Record<string, (model: Module) => unknown>> = {
  "of which nine weights of ten are 0": (model) => magnitudePrune(model, { sparsity: 0.9 }),
  "of half the channels, heads and neurons": (model) => structuredPrune(model),
  "of low rank": (model) => lowRank(model, { rank: 5 }),
  "of half the size and low rank": (model) => {
    structuredPrune(model);
    lowRank(model, { rank: 4 });
  },
};

describe.each(Object.entries(ways))("a model %s", (_, compress) => {
  it("is the same in ONNX Runtime, as a network of convolutions", async () => {
    const model = cnn();
    compress(model);
    const { passed, equalPredictions } = await parity(model, images);
    expect([passed, equalPredictions]).toEqual([true, { equal: 8, total: 8 }]);
  });

  it("is the same in ONNX Runtime, as a GPT", async () => {
    const model = gpt();
    compress(model);
    const { passed, maxAbs } = await parity(model, ids);
    expect(passed).toBe(true);
    expect(maxAbs).toBeLessThan(1e-5);
  });
});
