import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualSeed, noGrad, Random, scope } from "tensorgrad";
import {
  Compose,
  DataLoader,
  type Dataset,
  RandomCrop,
  RandomHorizontalFlip,
  RandomSampler,
  Subset,
  SyntheticDigits,
  SyntheticShapes,
  TensorDataset,
} from "tensorgrad/data";
import { FileImages } from "tensorgrad/data/node";
import { crossEntropy, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { useThreads } from "tensorgrad/runtime";
import { accuracy } from "tensorgrad/train";
import { compared, exponent, median, report } from "../lib/measure.ts";
import { pause, SlowStorage, type Span, spanOf } from "../lib/slow-storage.ts";

/** Note 08: how noisy a batch's gradient is, what order and bytes misread do, and what loading and augmenting cost. */
useThreads(1);

const indicesOf = (length: number): Int32Array => Int32Array.from({ length }, (_, i) => i);

/** The gradient of the mean loss over a batch, by the order of its parameters. */
function gradient(model: Linear, { x, y }: ReturnType<SyntheticDigits["batch"]>): Float32Array {
  using _ = scope();
  model.zeroGrad();
  crossEntropy(model.forward(x), y).backward();
  return Float32Array.from(model.weight.grad?.data ?? []);
}

const squaredDistance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);

/**
 * The mean squared distance between the gradient of a batch and that of all 1024 examples, by the size of the batch:
 * examples drawn independently, and the batches of shuffled passes.
 */
function noise() {
  const [count, seed] = [1024, 1];
  manualSeed(seed);
  const data = new SyntheticDigits({ count, shape: [784], random: new Random(seed) });
  const model = new Linear(784, 10);
  const whole = gradient(model, data.batch(indicesOf(count)));
  const random = new Random(seed);
  const replacing = (batchSize: number, batches: number) =>
    new RandomSampler(data, { replacement: true, count: batchSize * batches });
  const variance = (batchSize: number, replacement: boolean): number => {
    const batches = Math.max(40, Math.min(400, Math.ceil(4096 / batchSize)));
    const order = replacement ? { sampler: replacing(batchSize, batches) } : { shuffle: true };
    const loader = new DataLoader(data, { ...order, batchSize, random, dropLast: true });
    const distances: number[] = [];
    while (distances.length < batches)
      for (const batch of loader) distances.push(squaredDistance(gradient(model, batch), whole));
    return distances.reduce((sum, value) => sum + value, 0) / distances.length;
  };
  const single = indicesOf(count).map(() => 0);
  const each = Array.from(single, (_, i) => squaredDistance(gradient(model, data.batch([i])), whole));
  const sigma2 = each.reduce((sum, value) => sum + value, 0) / count;
  const points = [1, 4, 16, 64, 256, 512, 768, 960].map((size) => ({
    size,
    independent: variance(size, true) / sigma2,
    pass: variance(size, false) / sigma2,
    predictedPass: (count - size) / (count - 1) / size,
  }));
  const of = (size: number) => points.find((point) => point.size === size);
  return {
    points,
    exponent: exponent(points.map(({ size, independent }) => [size, independent])),
    half: { measured: of(512)?.pass, predicted: of(512)?.predictedPass, independent: of(512)?.independent },
  };
}

/** The share of 1000 new digits that a small MLP gets right after each of three passes, and of answers "9". */
function training(train: Dataset, { shuffle = true, scale = 1, shift = 0 } = {}) {
  manualSeed(1);
  const test = new SyntheticDigits({ count: 1000, shape: [784], random: new Random(2) });
  const model = new Sequential(new Linear(784, 64), new ReLU(), new Linear(64, 10));
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const { x: newX, y: newY } = test.batch(indicesOf(test.length));
  const passes: number[] = [];
  let nines = 0;
  for (let pass = 0; pass < 3; pass++) {
    for (const { x, y } of new DataLoader(train, { batchSize: 20, shuffle, random: new Random(3 + pass) })) {
      using _ = scope();
      optimizer.zeroGrad();
      crossEntropy(model.forward(x.mul(scale)), y).backward();
      optimizer.step();
    }
    using _ = scope();
    const logits = noGrad(() => model.forward(newX.mul(scale)));
    passes.push(accuracy(logits, newY));
    nines = logits.argmax(1).eq(9).to("float32").mean().item();
  }
  return { passes, last: passes[passes.length - 1], nines, shift };
}

report({ noise: noise() });
