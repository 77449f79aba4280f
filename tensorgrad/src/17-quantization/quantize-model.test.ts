import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { fromArray, randn, type Tensor, tensor } from "../01-tensor/index.ts";
import { ReLU } from "../02-activations/index.ts";
import { Flatten, Linear, type Module, Sequential } from "../03-layers/index.ts";
import { BatchNorm2d, Conv2d, MaxPool2d } from "../09-spatial/index.ts";
import { GPT } from "../13-transformers/index.ts";
import { KVCache } from "../14-kv-cache/index.ts";
import { QuantizedConv2d } from "./conv2d.ts";
import { QuantizedEmbedding } from "./embedding.ts";
import { QuantizedLinear } from "./linear.ts";
import { quantizeModel } from "./quantize-model.ts";

describe("quantizeModel", () => {
  it("replaces the layers of a convolutional network, and results stay near", () => {
    const random = new Random(1);
    const x = randn([4, 3, 8, 8], { random });
    for (const method of ["minmax", "percentile", "mse", null] as const) {
      const model = network(new Random(2)).eval();
      const truth = model.forward(x).detach();
      const calibration = [x, { x: randn([2, 3, 8, 8], { random }) }];
      expect(quantizeModel(model, method ? { calibration, method } : {})).toBe(model);
      expect(kinds(model)).toEqual(["QuantizedConv2d", "QuantizedConv2d", "QuantizedLinear"]);
      expect(distance(model.forward(x), truth)).toBeLessThan(0.06);
    }
  });

  it("measures what enters each layer: after a ReLU nothing below 0", () => {
    const model = network(new Random(2)).eval();
    quantizeModel(model, { calibration: randn([4, 3, 8, 8]), bits: 8 });
    const zeros = integers(model).map(({ input }) => input.zero?.item());
    expect(zeros[0]).toBeGreaterThan(64);
    expect(zeros.slice(1)).toEqual([0, 0]);
  });

  it("percentile and mse cut off outliers", () => {
    const x = randn([1, 20_000], { random: new Random(3) });
    x.assign(x.data.slice().fill(100, 0, 1));
    const scaleBy = (method: "minmax" | "percentile" | "mse") => {
      const model = new Sequential(new Linear(1, 1));
      quantizeModel(model, { calibration: x.reshape(20_000, 1), method, percentile: 99.9 });
      return integers(model)[0].input.scale?.item() as number;
    };
    expect(scaleBy("minmax")).toBeGreaterThan(0.7);
    expect(scaleBy("percentile")).toBeLessThan(0.08);
    expect(scaleBy("mse")).toBeLessThan(0.95 * scaleBy("minmax"));
  });

  it("replaces all of a GPT, which decodes with its cache as without", () => {
    const model = gpt(false);
    const ids = tensor([[1, 5, 2, 7, 3]], { dtype: "int32" });
    const truth = model.forward(ids).detach();
    quantizeModel(model);
    expect(kinds(model)).toHaveLength(2 * 6 + 2);
    expect(distance(model.forward(ids), truth)).toBeLessThan(0.1);
    const generate = (cache?: KVCache) =>
      model.generate(Int32Array.of(1, 5), { maxLength: 8, topK: 1, ...(cache && { cache }) });
    expect(generate(KVCache.for(model))).toEqual(generate());
  });

  it("gives a GPT whose head is its embedding a head of integers", () => {
    const model = gpt(true);
    const ids = tensor([[1, 5, 2]], { dtype: "int32" });
    const truth = model.forward(ids).detach();
    quantizeModel(model);
    expect(model.head).toBeInstanceOf(QuantizedLinear);
    expect(model.embedding).toBeInstanceOf(QuantizedEmbedding);
    expect(distance(model.forward(ids), truth)).toBeLessThan(0.1);
  });

  it("keeps layers that it is told to keep, and shared layers shared", () => {
    const shared = new Linear(4, 4);
    const model = new Sequential(new Linear(4, 4), shared, shared);
    quantizeModel(model, { keep: (path) => path === "0" });
    expect(model.layers[0]).toBeInstanceOf(Linear);
    expect(model.layers[1]).toBeInstanceOf(QuantizedLinear);
    expect(model.layers[2]).toBe(model.layers[1]);
  });

  it("leaves the model as it was when something is wrong", () => {
    const model = network(new Random(2));
    expect(() => quantizeModel(model, { calibration: [] })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: quantizeModel: calibration without a single batch — ranges come from what the model meets; give a few batches of its inputs, or leave calibration out to measure each input]`,
    );
    const broken = fromArray(new Float32Array(192).fill(NaN), [1, 3, 8, 8]);
    expect(() => quantizeModel(model, { calibration: broken })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: quantizeModel: NaN at element 0 of the input [1, 3, 8, 8] of "0" during calibration — ranges are of finite numbers; look for where it came from with detectAnomaly]`,
    );
    expect(() => quantizeModel(model, { method: "best" as "mse" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: quantizeModel: method "best" — "minmax", "percentile" or "mse"]`,
    );
    expect(() => quantizeModel(model, { percentile: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: quantizeModel: percentile 0 — a number above 0, at most 100]`,
    );
    expect(kinds(model)).toEqual([]);
    expect(Object.hasOwn(model.layers[0], "forward")).toBe(false);
    expect(() => quantizeModel(new Sequential(new ReLU()))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: quantizeModel: Sequential holds nothing to quantize — Linear, Conv2d and Embedding become integers, unless keep asks for all of them, or they are quantized already]`,
    );
    expect(() => quantizeModel(new Linear(2, 2))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: quantizeModel: Linear is a layer itself — only what holds a layer can replace it; put it in a Sequential]`,
    );
    quantizeModel(model);
    expect(() => quantizeModel(model)).toThrow("or they are quantized already");
  });
});

function network(random: Random): Sequential {
  return new Sequential(
    new Conv2d(3, 8, 3, { padding: 1, random }),
    new BatchNorm2d(8),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(8, 8, 3, { padding: 1, random }),
    new ReLU(),
    new Flatten(),
    new Linear(128, 5, { random }),
  );
}

function gpt(tied: boolean): GPT {
  const sizes = { vocabSize: 11, embedDim: 16, numLayers: 2, numHeads: 2, maxSeqLen: 16 };
  return new GPT({ ...sizes, positions: "rotary", tied, random: new Random(4) }).eval();
}

const integers = (model: Module): (QuantizedLinear | QuantizedConv2d)[] =>
  model
    .modules()
    .map(([, part]) => part)
    .filter((part) => part instanceof QuantizedLinear || part instanceof QuantizedConv2d);

const kinds = (model: Module): string[] =>
  model
    .modules()
    .flatMap(([, part]) => (part.constructor.name.startsWith("Quantized") ? [part.constructor.name] : []));

/** Root of the mean squared difference, relative. */
const distance = (y: Tensor, truth: Tensor): number =>
  y.sub(truth).square().mean().sqrt().item() / truth.square().mean().sqrt().item();
