import { heap, ones, randn, zeros } from "tensorgrad";
import { BatchNorm2d, Conv2d, Flatten, GPT, Linear, LSTM, MaxPool2d, ReLU, Sequential } from "tensorgrad/nn";
import { Adam } from "tensorgrad/optim";
import {
  countFlops,
  countParameters,
  measureLatency,
  measureMemory,
  Profiler,
  summary,
} from "tensorgrad/profiling";
import { describe, expect, it } from "vitest";

const cnn = () =>
  new Sequential(
    new Conv2d(3, 8, 3, { padding: 1 }),
    new MaxPool2d(2),
    new BatchNorm2d(8),
    new ReLU(),
    new Flatten(),
    new Linear(8 * 16, 10),
  );

describe("countFlops", () => {
  it("counts a convolution and a line by hand, layer by layer, and names multiply-adds apart", () => {
    const { layers, multiplyAdds, flops } = countFlops(cnn(), [2, 3, 8, 8]);
    const conv = 2 * 8 * 8 * 8 * 27; // images · filters · pixels · taps
    const line = 2 * 128 * 10;
    expect(layers.map(({ path }) => path)).toEqual(["", "0", "1", "2", "3", "4", "5"]);
    expect(layers.map((one) => one.multiplyAdds)).toEqual([conv + line, conv, 0, 0, 0, 0, line]);
    expect(multiplyAdds).toBe(conv + line);
    // beside two for each multiply-add: pooling and batch norm go through their elements; so does relu
    expect(flops).toBe(layers[0].flops);
    expect(layers.slice(2, 6).map((one) => one.flops)).toEqual([1024, 256, 256, 0]);
  });

  it("counts a GPT as the formula does: 2 flops a weight and token, and attention's pairs", () => {
    const [B, T, C, L, V] = [2, 6, 16, 3, 11];
    const gpt = new GPT({ vocabSize: V, embedDim: C, numLayers: L, numHeads: 4, maxSeqLen: 8 });
    const pairs = (T * (T + 1)) / 2;
    const perBlock = B * T * 12 * C * C + 2 * B * pairs * C;
    expect(countFlops(gpt, [B, T]).multiplyAdds).toBe(L * perBlock + B * T * C * V);
  });

  it("counts a recurrent layer", () => {
    const [T, B, I, H] = [4, 2, 3, 5];
    expect(countFlops(new LSTM(I, H, { batchFirst: false }), [T, B, I]).multiplyAdds).toBe(
      T * B * 4 * H * (I + H),
    );
  });

  it("leaves the model as it was: mode, statistics, gradients, heap", () => {
    const model = cnn();
    const before = [model.training, JSON.stringify(Object.values(model.stateDict()).map((t) => t.toArray()))];
    const live = heap.live;
    countFlops(model, [1, 3, 8, 8]);
    expect(heap.live).toBe(live);
    expect([
      model.training,
      JSON.stringify(Object.values(model.stateDict()).map((t) => t.toArray())),
    ]).toEqual(before);
  });

  it("refuses a shape that is none", () => {
    expect(() => countFlops(cnn(), [])).toThrow();
    expect(() => countFlops(cnn(), [0, 3, 8, 8])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: countFlops: input shape [0, 3, 8, 8] — a list of sizes, the batch first; all are integers above 0]`,
    );
    expect(() => countFlops(cnn(), 3 as never)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: countFlops: input shape 3 — a list of sizes, the batch first; all are integers above 0]`,
    );
  });
});

describe("summary", () => {
  it("is a table of layers with their shapes and costs", () => {
    const model = cnn();
    const whole = summary(model, [2, 3, 8, 8]);
    expect(whole.parameters).toBe(countParameters(model));
    expect(String(whole)).toMatchInlineSnapshot(`
      "layer       class        output        parameters   flops  multiply-adds  output bytes
      Sequential  Sequential   [2, 10]            1,530  61,952         30,208      80 bytes
        0         Conv2d       [2, 8, 8, 8]         224  55,296         27,648        4.0 KB
        1         MaxPool2d    [2, 8, 4, 4]           –   1,024              –        1.0 KB
        2         BatchNorm2d  [2, 8, 4, 4]          16     256              –        1.0 KB
        3         ReLU         [2, 8, 4, 4]           –     256              –        1.0 KB
        4         Flatten      [2, 128]               –       –              –        1.0 KB
        5         Linear       [2, 10]            1,290   5,120          2,560      80 bytes

      input [2, 3, 8, 8]: 1,530 parameters (6.0 KB with buffers), 61,952 flops, 30,208 multiply-adds, 8.1 KB of outputs"
    `);
  });
});

describe("measureMemory", () => {
  it("predicts parameters, gradients, state and activations, and measures close to it", () => {
    const model = new Sequential(new Linear(64, 256), new ReLU(), new Linear(256, 8));
    const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
    const live = heap.live;
    const { predicted, measured } = measureMemory(model, [128, 64], { optimizer });
    const parameters = 4 * countParameters(model);
    expect(predicted).toMatchObject({ parameters, gradients: parameters, optimizerState: 2 * parameters });
    expect(predicted.activations).toBe(4 * (128 * 256 * 2 + 128 * 8 + 1));
    expect(measured.gradients).toBe(parameters);
    expect(measured.activations / predicted.activations).toBeGreaterThan(0.99);
    expect(measured.activations / predicted.activations).toBeLessThan(1.05);
    expect(measured.peak).toBeGreaterThan(measured.activations);
    expect(heap.live).toBe(live);
  });

  it("leaves gradients and buffers as they were", () => {
    const model = cnn();
    model
      .forward(randn([2, 3, 8, 8]))
      .sum()
      .backward();
    const state = () => [
      ...model.parameters().map((p) => p.grad?.toArray()),
      ...Object.values(model.stateDict()).map((t) => t.toArray()),
    ];
    const before = state();
    measureMemory(model, [2, 3, 8, 8]);
    expect(state()).toEqual(before);
  });
});

describe("measureLatency", () => {
  it("gives quantiles of as many runs as wanted, in evaluation mode", () => {
    const model = cnn();
    const { median, p90, p99, least, samples } = measureLatency(model, ones([1, 3, 8, 8]), {
      warmUp: 1,
      runs: 9,
    });
    expect(samples).toHaveLength(9);
    expect([...samples].sort((a, b) => a - b)[4]).toBe(median);
    expect([least, median, p90, p99]).toEqual([least, median, p90, p99].sort((a, b) => a - b));
    expect(model.training).toBe(true);
  });

  it("refuses counts that are none", () => {
    expect(() => measureLatency(cnn(), zeros([1, 3, 8, 8]), { runs: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: measureLatency: warmUp = 5, runs = 0 — integers, at least 0 and 1]`,
    );
  });
});

describe("Profiler", () => {
  it("has all measures under one name", () => {
    expect(Object.keys(Profiler)).toEqual([
      "countParameters",
      "countFlops",
      "measureMemory",
      "measureLatency",
      "profile",
      "summary",
    ]);
  });
});
