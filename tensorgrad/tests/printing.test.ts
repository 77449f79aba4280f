import { inspect } from "node:util";
import fc from "fast-check";
import { full, Random, rand, scope, tensor, zeros } from "tensorgrad";
import * as data from "tensorgrad/data";
import * as nn from "tensorgrad/nn";
import * as optim from "tensorgrad/optim";
import * as text from "tensorgrad/text";
import * as train from "tensorgrad/train";
import * as nodeTrain from "tensorgrad/train/node";
import { afterAll, describe, expect, it } from "vitest";
import { everyExport } from "./entries.fixture.ts";

const step = scope();
afterAll(() => step.dispose());

const line = (value: unknown): string => inspect(value).split("\n")[0];

describe("console.log of a tensor", () => {
  it("shows shape, dtype and numbers", () => {
    expect(inspect(tensor([[1, 2], [3, 4.5]]))).toBe("Tensor [2, 2] float32:\n[[1, 2],\n [3, 4.5]]"); // biome-ignore format: a matrix
    expect(inspect(tensor([true, false]))).toBe("Tensor [2] bool: [true, false]");
    expect(inspect(tensor(3, { dtype: "int32" }))).toBe("Tensor [] int32: 3");
    expect(inspect(zeros([0, 3]))).toBe("Tensor [0, 3] float32:\n[]");
  });

  it("says how it was made, and whether it has a gradient", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.mul(3);
    expect(inspect(x)).toBe("Tensor [2] float32, requires grad: [1, 2]");
    expect(inspect(y)).toBe("Tensor [2] float32 = Mul(…): [3, 6]");
    expect(inspect(y.gradFn)).toBe("Mul(Tensor [2] float32, Tensor [] float32)");
    y.sum().backward();
    expect(inspect(x)).toBe("Tensor [2] float32, requires grad, has grad: [1, 2]");
    expect(inspect(new nn.Parameter(tensor([1])))).toBe("Parameter [1] float32, requires grad: [1]");
  });

  it("stands within other objects, too", () => {
    expect(inspect({ a: { b: { c: { x: zeros([2]) } } } })).toContain("c: [Object]");
    expect(inspect({ a: { b: { x: zeros([2]) } } })).toContain("x: Tensor [2] float32 }");
    expect(inspect({ a: { x: zeros([2]) } })).toContain("x: Tensor [2] float32: [0, 0]");
    expect(inspect({ a: { b: { c: zeros([2]) } } }, { depth: 1 })).toContain("b: [Object]");
    expect(inspect({ a: { b: zeros([2]) } }, { depth: 1 })).toContain("b: Tensor [2] float32");
  });

  it("says that the memory was freed, and does not throw", () => {
    const x = zeros([2, 3]);
    x.dispose();
    expect(inspect(x)).toBe("Tensor [2, 3] float32, its memory was freed");
    expect(`${x}`).toBe("tensor([2, 3] float32, its memory was freed)");
  });

  it("is at most 2 kB for a million elements, whatever the shape", () => {
    const shapes = [[1_000_000], [1000, 1000], [10, 10, 10, 10, 10, 10], [1, 1_000_000, 1], [500_000, 2]];
    for (const shape of [
      ...shapes,
      [2, 500_000],
      Array(20).fill(2),
      [5, 5, 5, 5, 5, 5, 8, 8],
      [6, 6, 6, 6, 6, 6, 22],
    ]) {
      using _ = scope();
      const x = full(shape, -1.2345678e-7);
      for (const shown of [inspect(x), String(x)]) {
        expect([shape, shown.length <= 2048]).toEqual([shape, true]);
        expect(shown).toContain("…");
      }
    }
  });

  it("reads a strided view's numbers where they are", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 3 }), (shape) => {
        using _ = scope();
        const x = rand(shape);
        expect(String(x.transpose(0, 1))).toBe(String(x.transpose(0, 1).clone()));
        expect(String(x.slice(0, 0, shape[0], 2))).toBe(String(x.slice(0, 0, shape[0], 2).clone()));
      }),
    );
  });

  it("does not read a million numbers of an expanded scalar", () => {
    expect(inspect(tensor(1).expand(100_000, 100_000)).length).toBeLessThan(2048);
  });
});

describe("console.log of everything else", () => {
  const rows = new data.TensorDataset(zeros([60, 1, 4, 4]), zeros([60], { dtype: "int32" }), {
    transform: new data.Compose([new data.RandomCrop(4, { padding: 1 }), new data.RandomHorizontalFlip()]),
  });
  const model = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 1));
  const sgd = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });

  it("shows a model's tree", () => {
    expect(inspect(model)).toMatchInlineSnapshot(`
      "Sequential() — 13 parameters
        0: Linear(2 → 3) — 9 parameters: weight [3, 2], bias [3]
        1: ReLU()
        2: Linear(3 → 1) — 4 parameters: weight [1, 3], bias [1]"
    `);
    expect(inspect({ model })).toContain("1: ReLU()");
  });

  it("shows data sets with their size and transforms", () => {
    expect(inspect(rows)).toMatchInlineSnapshot(
      `"TensorDataset(60 examples, x [60, 1, 4, 4] float32, y [60] int32, Compose(RandomCrop({ size: [4, 4], padding: 1, paddingMode: "zeros" }), RandomHorizontalFlip(0.5)))"`,
    );
    expect(inspect(new data.Subset(rows, [1, 2]))).toMatchInlineSnapshot(
      `"Subset(2 examples of TensorDataset(60 examples, x [60, 1, 4, 4] float32, y [60] int32, Compose(RandomCrop({ size: [4, 4], padding: 1, paddingMode: "zeros" }), RandomHorizontalFlip(0.5))))"`,
    );
    expect(inspect(new data.SyntheticDigits({ count: 3, mean: 0.5 }))).toMatchInlineSnapshot(
      `"SyntheticDigits(3 images, { shape: [1, 28, 28], mean: 0.5, std: 1 })"`,
    );
    expect(inspect(new data.TextDataset([1, 2, 3, 4], 2))).toMatchInlineSnapshot(
      `"TextDataset(2 windows of 4 tokens, { blockSize: 2, stride: 1 })"`,
    );
    expect(inspect(new data.Corpus("to be or not to be"))).toMatchInlineSnapshot(
      `"Corpus(18 characters: "to be or not to be")"`,
    );
    expect(inspect(new data.WordList(["ada", "alan"]))).toMatchInlineSnapshot(
      `"WordList(2 words: ["ada", "alan"])"`,
    );
    expect(inspect(new data.DataLoader(rows, { batchSize: 16, shuffle: true }))).toMatchInlineSnapshot(
      `"DataLoader(TensorDataset(60 examples, x [60, 1, 4, 4] float32, y [60] int32, Compose(RandomCrop({ size: [4, 4], padding: 1, paddingMode: "zeros" }), RandomHorizontalFlip(0.5))), { batchSize: 16, shuffle: true, dropLast: false, workers: 0, batches: 4 })"`,
    );
    expect(inspect(new data.WeightedRandomSampler([1, 2]))).toMatchInlineSnapshot(
      `"WeightedRandomSampler({ length: 2, replacement: true })"`,
    );
  });

  it("shows optimizers and schedules with their settings", () => {
    expect(inspect(sgd)).toMatchInlineSnapshot(
      `"SGD({ lr: 0.1, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false } for 4 parameters)"`,
    );
    const cosine = new optim.CosineSchedule({ lr: 0.1, steps: 90 });
    expect(inspect(new optim.LinearWarmup(cosine, { steps: 10 }))).toMatchInlineSnapshot(
      `"LinearWarmup(CosineSchedule({ lr: 0.1, steps: 90, minLr: 0 }), { steps: 10, startFactor: 0.09090909090909091 })"`,
    );
    expect(inspect(new optim.OneCycle({ maxLr: 1, steps: 5 }))).toMatchInlineSnapshot(
      `"OneCycle({ maxLr: 1, steps: 5, pctStart: 0.3, divFactor: 25, finalDivFactor: 10000, anneal: "cosine" })"`,
    );
    expect(inspect(new optim.ReduceLROnPlateau({ lr: 0.5 }))).toMatchInlineSnapshot(
      `"ReduceLROnPlateau({ lr: 0.5, factor: 0.1, patience: 10, threshold: 0.0001, thresholdMode: "rel", mode: "min", cooldown: 0, minLr: 0, monitor: "validation.loss" })"`,
    );
    expect(inspect(new optim.CombinedOptimizer(sgd))).toMatchInlineSnapshot(
      `"CombinedOptimizer(SGD({ lr: 0.1, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false } for 4 parameters))"`,
    );
  });

  it("shows losses, activations and metrics", () => {
    expect(inspect(new nn.CrossEntropyLoss({ labelSmoothing: 0.1 }))).toBe(
      "CrossEntropyLoss(labelSmoothing: 0.1)",
    );
    expect(inspect(new nn.GELU({ approximate: "tanh" }))).toBe('GELU(approximate: "tanh")');
    expect(inspect(new train.ConfusionMatrix(2))).toMatchInlineSnapshot(`
      "       0   1
         0   0   0
         1   0   0"
    `);
  });

  it("shows tokenizers, caches, trainers and callbacks", () => {
    expect(inspect(new text.CharTokenizer("hello"))).toMatchInlineSnapshot(
      `"CharTokenizer({ vocabSize: 4, alphabet: "ehlo" })"`,
    );
    expect(line(text.BPETokenizer.train("to be or not to be", { vocabSize: 258 }))).toMatchInlineSnapshot(
      `"BPETokenizer({ vocabSize: 258, specialTokens: [] })"`,
    );
    const sizes = { maxBatchSize: 1, maxSeqLen: 8, numLayers: 2, numKvHeads: 2, headDim: 4 };
    expect(inspect(new nn.KVCache(sizes))).toMatchInlineSnapshot(
      `"KVCache({ maxBatchSize: 1, maxSeqLen: 8, numLayers: 2, numKvHeads: 2, headDim: 4, length: 0, memory: "1.0 KB" })"`,
    );
    expect(inspect(new train.Trainer({ model, optimizer: sgd, loss: nn.mse }))).toMatchInlineSnapshot(
      `"Trainer({ model: "Sequential", optimizer: SGD({ lr: 0.1, momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false } for 4 parameters), steps: 0 })"`,
    );
    expect(inspect(new train.EarlyStopping())).toMatchInlineSnapshot(
      `"EarlyStopping({ monitor: "validation.loss", patience: 5 })"`,
    );
    expect(inspect(new nodeTrain.Checkpoints({ folder: "runs" }))).toMatchInlineSnapshot(
      `"Checkpoints({ folder: "runs", everyEpochs: 1, keep: 3 })"`,
    );
    expect(inspect(new Random(7))).toMatchInlineSnapshot(`"Random({ seed: 7, position: 0 })"`);
    expect(inspect(scope())).toBe("Scope(open)");
  });

  it("is asked of every public class but errors", async () => {
    const classes = (await everyExport()).filter(({ value }) => isClass(value));
    const silent = classes.filter(({ value }) => !describesItself(value as Class));
    expect(classes.length).toBeGreaterThan(130);
    expect(silent.map(({ entry, name }) => `${entry} ${name}`)).toEqual([]);
  });
});

type Class = { readonly prototype: object };

const isClass = (value: unknown): value is Class =>
  typeof value === "function" && /^class\b/.test(globalThis.Function.prototype.toString.call(value));

const describesItself = ({ prototype }: Class): boolean =>
  prototype instanceof Error || Symbol.for("nodejs.util.inspect.custom") in prototype;
