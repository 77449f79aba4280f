import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualSeed, noGrad, Random, scope } from "tensorgrad";
import {
  Compose,
  DataLoader,
  type Dataset,
  ImageDataset,
  RandomCrop,
  RandomHorizontalFlip,
  RandomSampler,
  Subset,
  SyntheticDigits,
  SyntheticShapes,
  TensorDataset,
} from "tensorgrad/data";
import { FileImages } from "tensorgrad/data/node";
import { crossEntropy, Flatten, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { Adam, type Optimizer, SGD } from "tensorgrad/optim";
import { useThreads } from "tensorgrad/runtime";
import { accuracy } from "tensorgrad/train";
import { compared, exponent, report } from "../lib/measure.ts";
import { pause, SlowStorage, type Span, spanOf } from "../lib/slow-storage.ts";

/** Note 08: how noisy a batch's gradient is, what order, bytes and crops do, and what loading costs. */
useThreads(1);

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const firstOf = (length: number): Int32Array => Int32Array.from({ length }, (_, i) => i);

const digits = new SyntheticDigits({ count: 4000, shape: [1, 28, 28], random: new Random(1) });
const unseen = new SyntheticDigits({ count: 1000, shape: [1, 28, 28], random: new Random(2) });

/** The gradient of the mean loss over a batch. */
function gradient(model: Linear, { x, y }: ReturnType<ImageDataset["batch"]>): Float32Array {
  using _ = scope();
  model.zeroGrad();
  crossEntropy(model.forward(x.flatten(1)), y).backward();
  return Float32Array.from(model.weight.grad?.data ?? []);
}

const squaredDistance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);

/**
 * The mean squared distance between the gradient of a batch and that of all 1024 examples, over the size of the batch,
 * as a share of that of single examples: for examples drawn independently, and for the batches of shuffled passes.
 */
function noise() {
  manualSeed(1);
  const data = digits.take(1024);
  const model = new Linear(784, 10);
  const whole = gradient(model, data.batch(firstOf(data.length)));
  const distance = (batch: ReturnType<ImageDataset["batch"]>) =>
    squaredDistance(gradient(model, batch), whole);
  const single = mean(Array.from(firstOf(data.length), (i) => distance(data.batch([i]))));
  const random = new Random(1);
  const share = (batchSize: number, replacement: boolean): number => {
    const batches = Math.max(40, Math.min(400, 4096 / batchSize));
    const sampler = new RandomSampler(data, replacement ? { replacement, count: batchSize * batches } : {});
    const loader = new DataLoader(data, { sampler, batchSize, random, dropLast: true });
    const distances: number[] = [];
    while (distances.length < batches) for (const batch of loader) distances.push(distance(batch));
    return mean(distances) / single;
  };
  const points = [1, 4, 16, 64, 256, 512, 960].map((size) => ({
    size,
    independent: share(size, true),
    passes: share(size, false),
    predicted: (data.length - size) / (data.length - 1) / size,
  }));
  const half = points.find(({ size }) => size === 512);
  return { points, exponent: exponent(points.map(({ size, independent }) => [size, independent])), half };
}

interface Training {
  readonly shuffle?: boolean;
  /** The same order in every pass. */
  readonly once?: boolean;
  /** Multiplies pixels. */
  readonly scale?: number;
  readonly passes?: number;
  readonly optimizer?: (model: Sequential) => Pick<Optimizer<{ lr: number }>, "step" | "zeroGrad">;
}

const sgd = (model: Sequential) => new SGD(model.parameters(), { lr: 0.1 });

/** Trains a small MLP; the share of new digits that it gets right and that it calls 9, and the loss of the last 50 batches. */
function trained(train: Dataset, options: Training = {}) {
  const { shuffle = true, once = false, scale = 1, passes = 5, optimizer: make = sgd } = options;
  manualSeed(1);
  const model = new Sequential(new Flatten(), new Linear(784, 64), new ReLU(), new Linear(64, 10));
  const optimizer = make(model);
  const random = new Random(3);
  const losses: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    if (once) random.seed(3);
    for (const { x, y } of new DataLoader(train, { batchSize: 20, shuffle, random })) {
      using _ = scope();
      optimizer.zeroGrad();
      const loss = crossEntropy(model.forward(x.mul(scale)), y);
      loss.backward();
      optimizer.step();
      losses.push(loss.item());
    }
  }
  using _ = scope();
  const { x, y } = unseen.batch(firstOf(unseen.length));
  const logits = noGrad(() => model.forward(x.mul(scale)));
  const nines = logits.argmax(1).eq(9).to("float32").mean().item();
  return { accuracy: accuracy(logits, y), nines, loss: mean(losses.slice(-50)) };
}

/** Good and bad ways to show the same digits. */
function orders() {
  const byClass = firstOf(digits.length).sort((a, b) => digits.label(a) - digits.label(b));
  const sorted = new Subset(digits, byClass);
  const { images, labels, shape } = digits;
  const oneLate = labels.map((_, i) => labels[(i + 1) % labels.length]);
  return {
    shuffled: trained(sorted),
    once: trained(sorted, { once: true }),
    sorted: trained(sorted, { shuffle: false }),
    bytes: trained(digits, { scale: 255 }),
    oneLate: trained(new ImageDataset(images, oneLate, { shape })),
  };
}

/** What moved and what mirrored images do for a model that sees 1000 digits twenty times. */
function augmented() {
  const few = digits.take(1000);
  const options = {
    passes: 20,
    optimizer: (model: Sequential) => new Adam(model.parameters(), { lr: 1e-3 }),
  };
  return {
    none: trained(few, options),
    crops: trained(few.with({ transform: new RandomCrop(28, { padding: 1 }) }), options),
    mirrored: trained(few.with({ transform: new RandomHorizontalFlip() }), options),
  };
}

const pictures = new SyntheticShapes({ count: 4000, random: new Random(1) });
const inOrder = firstOf(pictures.length);
const shuffled = new Random(2).permutation(pictures.length);

/** Microseconds per picture of 3×32×32 by data sets of the same pictures, in batches of 100. */
function perPicture<Name extends string>(
  sets: Record<Name, Dataset>,
  order: Int32Array,
): Record<Name, number> {
  const ways = Object.entries<Dataset>(sets).map(([name, set]) => {
    const loader = new DataLoader(new Subset(set, order), { batchSize: 100 });
    const pass = () => {
      for (const _ of loader);
    };
    return [name, pass] as const;
  });
  const times = compared(Object.fromEntries(ways) as Record<Name, () => void>, { rounds: 9 });
  return mapped(times, (ms) => (1000 * ms) / order.length);
}

const mapped = <Name extends string>(of: Record<Name, number>, f: (value: number) => number) =>
  Object.fromEntries(Object.entries<number>(of).map(([name, value]) => [name, f(value)])) as Record<
    Name,
    number
  >;

/** The same pictures as float32 tensors, as bytes in memory, and in a file that the page cache holds. */
function storage() {
  const folder = mkdtempSync(join(tmpdir(), "note-08-"));
  const path = join(folder, "pictures.bin");
  try {
    const records = Array.from(inOrder, (i) => [Uint8Array.of(pictures.label(i)), pictures.pixels(i)]);
    writeFileSync(path, Buffer.concat(records.flat()));
    const file = new FileImages([path], { shape: pictures.shape });
    const { x, y } = pictures.batch(inOrder);
    const sets = { float32: new TensorDataset(x, y), bytes: pictures, file };
    const result = { inOrder: perPicture(sets, inOrder), shuffled: perPicture(sets, shuffled) };
    file.close();
    x.dispose();
    return { ...result, float32MB: x.size * 4e-6, bytesMB: x.size * 1e-6 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Microseconds that each transform adds per picture. */
function augmenting() {
  const [crop, flip] = [new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip()];
  const transforms = { crop, flip, both: new Compose([crop, flip]) };
  const sets = Object.entries(transforms).map(
    ([name, transform]) => [name, pictures.with({ transform })] as const,
  );
  const times = perPicture({ none: pictures, ...Object.fromEntries(sets) }, shuffled);
  return { ...times, added: mapped(times, (time) => time - times.none) };
}

const [LOAD, STEP, SKIP, COUNT] = [30, 10, 8, 24];

/** Milliseconds per batch of a loop whose batches take 30 ms to load and 10 ms to train on, and who did what when. */
async function prefetched(workers: number) {
  const loader = new DataLoader(new SlowStorage(COUNT, LOAD), { batchSize: 1, workers });
  const spans: (Span & { batch: number; work: "load" | "step" })[] = [];
  let batch = 0;
  for await (const { x } of loader) {
    const [thread, begin, end] = x.data;
    spans.push({ batch, work: "load", thread, begin, end });
    spans.push({ batch, work: "step", ...spanOf(() => pause(STEP)) });
    batch++;
  }
  await loader.close();
  const begins = spans.filter(({ work }) => work === "step").map(({ begin }) => begin);
  const perBatch = (begins[COUNT - 1] - begins[SKIP]) / (COUNT - 1 - SKIP);
  const predicted = workers === 0 ? LOAD + STEP : Math.max(LOAD / workers, STEP);
  return { workers, perBatch, predicted, spans };
}

async function workers() {
  const runs = [];
  for (const count of [0, 1, 2, 4]) runs.push(await prefetched(count));
  return {
    ...{ load: LOAD, step: STEP },
    points: runs.map(({ workers, perBatch, predicted }) => ({ workers, perBatch, predicted })),
    timelines: runs.slice(0, 3).map(({ workers, spans }) => ({ workers, spans: window(spans, 160) })),
  };
}

/** What happened in the `ms` milliseconds from the begin of a step on, the first threads first. */
function window(spans: Awaited<ReturnType<typeof prefetched>>["spans"], ms: number) {
  const start = spans.find(({ batch, work }) => batch === SKIP && work === "step")?.begin ?? 0;
  const threads = [...new Set(spans.map(({ thread }) => thread))].sort((a, b) => a - b);
  return spans
    .map(({ thread, begin, end, ...rest }) => ({
      ...rest,
      lane: threads.indexOf(thread),
      begin: Math.max(0, begin - start),
      end: Math.min(ms, end - start),
    }))
    .filter(({ begin, end }) => begin < end);
}

report({
  noise: noise(),
  orders: orders(),
  augmented: augmented(),
  storage: storage(),
  augmenting: augmenting(),
  workers: await workers(),
});
