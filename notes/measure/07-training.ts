import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { heap, manualSeed, Random, scope, tensor } from "tensorgrad";
import { DataLoader, SyntheticDigits, TensorDataset } from "tensorgrad/data";
import { CrossEntropyLoss, Linear, type Module, ReLU, Sequential } from "tensorgrad/nn";
import { AdamW, CosineSchedule, LinearWarmup, SGD } from "tensorgrad/optim";
import { median, useThreads } from "tensorgrad/runtime";
import {
  type Batch,
  type Callback,
  EarlyStopping,
  encodeTensors,
  findLr,
  Trainer,
  type TrainerOptions,
} from "tensorgrad/train";
import { saveCheckpoint } from "tensorgrad/train/node";
import { forgotten } from "../lib/forgotten.ts";
import { exponent, report } from "../lib/measure.ts";

/** Note 07: batch sizes, accumulation, warm-up, clipping, stopping, the search for a rate, and checkpoints. */
useThreads(1);

const digits = (count: number, seed: number): SyntheticDigits =>
  new SyntheticDigits({ count, shape: [784], random: new Random(seed) });
const upTo = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);

const train = digits(4096, 1);
const held: Batch[] = [digits(400, 2).batch(upTo(400))];

function mlp(...sizes: number[]): Sequential {
  const layers = sizes.slice(1, -1).flatMap((size, i) => [new Linear(sizes[i], size), new ReLU()]);
  return new Sequential(...layers, new Linear(sizes.at(-2) ?? 0, sizes.at(-1) ?? 0));
}

const loss = new CrossEntropyLoss();
const trainerFor = (model: Module, more: Partial<TrainerOptions> = {}): Trainer =>
  new Trainer({ model, loss, optimizer: new SGD(model.parameters(), { lr: 0.1 }), ...more });

// ———————————————————————————————————————————————————————————————————————————————————————— batch size

const GOAL = 0.8;
const RATES = [0.1, 0.2, 0.4];

/** Steps until the held-out loss is below the goal, with the best of some rates; no more than `most`. */
async function stepsToGoal(batchSize: number, lr: number, seed: number, most: number): Promise<number> {
  manualSeed(seed);
  const model = mlp(784, 32, 10);
  const watch: Callback = {
    async onStepEnd(trainer, { step }) {
      if (step >= most) trainer.stop("too slow");
      else if (step % 2 === 0 && (await trainer.evaluate(held)).loss < GOAL) trainer.stop("goal");
    },
  };
  const optimizer = new SGD(model.parameters(), { lr });
  const trainer = trainerFor(model, { optimizer, callbacks: [watch] });
  await trainer.fit(new DataLoader(train, { batchSize, shuffle: true }), { epochs: 1000 });
  return trainer.stopped === "goal" ? trainer.steps : most;
}

async function batchSizes() {
  const points: { batch: number; steps: number }[] = [];
  for (const batch of [4, 8, 16, 32, 64, 128, 256, 512]) {
    const best: number[] = [];
    for (const seed of [1, 2]) {
      let steps = 1200;
      for (const lr of batch > 64 ? RATES.toReversed() : RATES) {
        steps = Math.min(steps, await stepsToGoal(batch, lr, seed, steps));
      }
      best.push(steps);
    }
    points.push({ batch, steps: (best[0] + best[1]) / 2 });
  }
  const [floor, slope] = inverseFit(points.map(({ batch, steps }) => [batch, steps]));
  const noiseScale = slope / floor;
  const fitted = points.map((point) => ({ ...point, predicted: floor * (1 + noiseScale / point.batch) }));
  return {
    points: fitted,
    floor,
    noiseScale,
    examplesAtLeast: points[0].steps * points[0].batch,
    examplesAtMost: points[points.length - 1].steps * points[points.length - 1].batch,
    stepRatio: points[0].steps / points[points.length - 1].steps,
  };
}

/** a and b of y = a + b/x, with errors relative to y: least squares of (a + b/x)/y − 1. */
function inverseFit(points: readonly (readonly [x: number, y: number])[]): [a: number, b: number] {
  const rows = points.map(([x, y]) => [1 / y, 1 / (x * y)]);
  const sum = (of: (row: number[]) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const [uu, uv, vv] = [sum(([u]) => u * u), sum(([u, v]) => u * v), sum(([, v]) => v * v)];
  const [u, v] = [sum(([u]) => u), sum(([, v]) => v)];
  const determinant = uu * vv - uv * uv;
  return [(u * vv - v * uv) / determinant, (v * uu - u * uv) / determinant];
}

// ———————————————————————————————————————————————————————————————————————————————————————— memory

const WIDE = [784, 256, 256, 10];
const MB = 2 ** 20;

/** Most bytes in use during a pass over batches that lie there already, over what was there before. */
async function peakMB(trainer: Trainer, batches: readonly Batch[]): Promise<number> {
  const before = heap.live;
  heap.resetPeak();
  await trainer.trainEpoch(batches);
  return (heap.peak - before) / MB;
}

const parts = (size: number, count: number): Batch[] =>
  Array.from({ length: count }, (_, k) => train.batch(upTo(size).map((i) => i + k * size)));

/** One step for a batch, and for the same examples in eight parts. */
async function memory() {
  const sizes = [64, 128, 256, 512, 1024, 2048];
  const parameters = mlp(...WIDE)
    .parameters()
    .reduce((sum, { size }) => sum + size, 0);
  const gradientsMB = (parameters * 4) / MB;
  const trained = async (batches: readonly Batch[], accumulate: number) => {
    manualSeed(4);
    const model = mlp(...WIDE);
    const trainer = trainerFor(model, { accumulate });
    await trainer.trainEpoch(batches);
    const weights = model.parameters().flatMap(({ data }) => [...data]);
    const peak = await peakMB(trainer, batches);
    const times: number[] = [];
    for (let round = 0; round < 3; round++) {
      times.push((await trainer.trainEpoch(batches)).seconds);
    }
    return { weights, peak, seconds: Math.min(...times) };
  };
  const points: { batch: number; whole: number; inParts: number }[] = [];
  let last = { difference: 0, timeRatio: 0 };
  for (const batch of sizes) {
    using _ = scope();
    const whole = await trained(parts(batch, 1), 1);
    const inParts = await trained(parts(batch / 8, 8), 8);
    points.push({ batch, whole: whole.peak, inParts: inParts.peak });
    const difference = whole.weights.reduce(
      (most, w, i) => Math.max(most, Math.abs(w - inParts.weights[i])),
      0,
    );
    last = { difference, timeRatio: inParts.seconds / whole.seconds };
  }
  const bytesPerExample = (i: number): number =>
    ((points[i].whole - points[i - 1].whole) * MB) / (points[i].batch - points[i - 1].batch);
  const { whole, inParts } = points[points.length - 1];
  return {
    points,
    gradientsMB,
    bytesPerExample: { small: bytesPerExample(1), large: bytesPerExample(points.length - 1) },
    ratio: whole / inParts,
    ...last,
  };
}

// ———————————————————————————————————————————————————————————————————————————————————————— the first steps

const [HIGH, WARMUP] = [0.03, 30];

/** AdamW at a rate that is too high for the first steps, with and without warm-up. */
async function warmUp() {
  const data = new DataLoader(train, { batchSize: 64, shuffle: true });
  const steps = 2 * data.length;
  const run = async (seed: number, warm: boolean) => {
    manualSeed(seed);
    const model = mlp(784, 128, 128, 10);
    const cosine = new CosineSchedule({ lr: HIGH, steps: warm ? steps - WARMUP : steps });
    const schedule = warm ? new LinearWarmup(cosine, { steps: WARMUP }) : cosine;
    const optimizer = new AdamW(model.parameters(), { lr: HIGH });
    const trainer = trainerFor(model, { optimizer, schedule });
    const losses = (await trainer.fit(data, { epochs: 2 })).flatMap(({ train }) => train.losses);
    return { worst: Math.max(...losses.slice(0, WARMUP)), held: (await trainer.evaluate(held)).loss };
  };
  const seeds = [1, 2, 3, 4, 5];
  const [cold, warm]: { worst: number; held: number }[][] = [[], []];
  for (const seed of seeds) {
    cold.push(await run(seed, false));
    warm.push(await run(seed, true));
  }
  const middle = (runs: typeof cold) => ({
    worst: median(runs.map(({ worst }) => worst)),
    held: median(runs.map(({ held }) => held)),
  });
  const better = seeds.filter((_, i) => warm[i].held < cold[i].held).length;
  const ink = held[0].x.sum(1).mean().item(); // Σx of an image
  return { lr: HIGH, ink, seeds: seeds.length, cold: middle(cold), warm: middle(warm), better };
}

/** A hundred steps, one of them on a batch that somebody forgot to divide by 255. */
async function clipping() {
  const batches = Array.from({ length: 60 }, (_, k) => train.batch(upTo(64).map((i) => i + 64 * k)));
  const bad = { x: batches[40].x.mul(255), y: batches[40].y };
  const run = async (clip: boolean) => {
    manualSeed(1);
    const model = mlp(784, 64, 10);
    const norms: number[] = [];
    const note: Callback = { onStepEnd: (_, { gradNorm }) => void norms.push(gradNorm) };
    const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
    const trainer = trainerFor(model, { optimizer, callbacks: [note], ...(clip && { clipGradNorm: 1 }) });
    await trainer.trainEpoch(batches.with(40, bad));
    const { loss } = await trainer.evaluate(held);
    return { loss, usual: median(norms.slice(20, 40)), bad: norms[40] };
  };
  return { without: await run(false), clipped: await run(true) };
}

/** Few examples, three in ten labelled by chance: what is learned after the best epoch is their noise. */
async function stopping() {
  const { x, y } = train.batch(upTo(500));
  const random = new Random(9);
  const labels = Array.from(y.data, (label) => (random.uniform() < 0.3 ? random.integer(10) : label));
  const noisy = new TensorDataset(x, tensor(labels, { dtype: "int32" }));
  const run = async (callbacks: Callback[]) => {
    manualSeed(1);
    const model = mlp(784, 128, 10);
    const optimizer = new AdamW(model.parameters(), { lr: 2e-3 });
    const loader = new DataLoader(noisy, { batchSize: 50, shuffle: true });
    const history = await trainerFor(model, { optimizer, callbacks }).fit(loader, {
      epochs: 40,
      validation: held,
    });
    return history.map(({ epoch, train, validation }) => [epoch, train.loss, validation?.loss ?? 0]);
  };
  const early = new EarlyStopping({ monitor: "validation.loss", patience: 5 });
  const stopped = (await run([early])).length;
  const curve = await run([]);
  return { curve, stopped, best: early.best, atTheEnd: curve[curve.length - 1][2] };
}

/** The loss over a rate that grows with every step. */
async function finder() {
  manualSeed(1);
  const model = mlp(784, 32, 10);
  const loader = new DataLoader(train, { batchSize: 64, shuffle: true });
  return findLr(trainerFor(model), loader, { from: 1e-3, to: 3, steps: 100 });
}

// ———————————————————————————————————————————————————————————————————————————————————————— checkpoints

/** Bytes and milliseconds of a checkpoint over the number of parameters; beside a file that is only handed over. */
async function checkpoints() {
  const folder = mkdtempSync(join(tmpdir(), "checkpoints-"));
  const path = join(folder, "last.safetensors");
  const points = [];
  for (const width of [64, 256, 1024]) {
    const model = mlp(784, width, width, 10);
    const optimizer = new AdamW(model.parameters());
    const trainer = trainerFor(model, { optimizer });
    await trainer.trainEpoch(parts(32, 1));
    const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
    const times: Record<"durable" | "encode" | "handOver", number[]> = {
      durable: [],
      encode: [],
      handOver: [],
    };
    for (let round = 0; round < 7; round++) {
      const start = performance.now();
      await saveCheckpoint(path, { model, optimizer, trainer });
      const saved = performance.now();
      const bytes = encodeTensors({ ...model.stateDict(), ...optimizer.stateDict().tensors });
      const encoded = performance.now();
      writeFileSync(join(folder, "plain"), bytes);
      times.durable.push(saved - start);
      times.encode.push(encoded - saved);
      times.handOver.push(performance.now() - encoded);
    }
    const { size: bytes } = statSync(path);
    const ms = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
    points.push({
      parameters,
      bytes,
      beyond: bytes - 12 * parameters,
      bytesPerParameter: bytes / parameters,
      ms,
    });
  }
  rmSync(folder, { recursive: true });
  const growth = exponent(points.map(({ parameters, bytes }) => [parameters, bytes]));
  return { points, growth, largest: points[points.length - 1] };
}

const astray = await forgotten();
const lastLosses = Object.values(astray).map(({ loss }) => loss);
report({
  batchSizes: await batchSizes(),
  memory: await memory(),
  warmUp: await warmUp(),
  clipping: await clipping(),
  stopping: await stopping(),
  finder: await finder(),
  checkpoints: await checkpoints(),
  forgotten: astray,
  lastLoss: { least: Math.min(...lastLosses), most: Math.max(...lastLosses) },
});
