// Runs that would show a leak: many real training steps, and many blocks of random sizes. The slow test holds
// short ones to hard bounds; notes/measure/soak.ts makes the long ones.

import { heap, manualSeed, Random, randint, randn, scope } from "../src/entries/index.ts";
import { CrossEntropyLoss, Dropout, LayerNorm, Linear, ReLU, Sequential } from "../src/entries/nn.ts";
import { Adam } from "../src/entries/optim.ts";

const MEGABYTE = 2 ** 20;

/** Memory right after a full collection: of the whole process, and of JavaScript's objects. */
interface Sample {
  readonly step: number;
  readonly residentMB: number;
  readonly scriptMB: number;
}

export interface TrainingSoak {
  readonly steps: number;
  readonly seconds: number;
  /** Bytes in use by tensors after the first step, and how often it was another number after a later one. */
  readonly liveBytes: number;
  readonly unlike: number;
  /** Tensor memory: highest use, and what was asked of the operating system. */
  readonly peakBytes: number;
  readonly heapBytes: number;
  /** Least-squares slopes over the second half of the run: growth that warming up does not explain. */
  readonly residentBytesPerStep: number;
  readonly scriptBytesPerStep: number;
  /** Resident memory, last sample over the one at half time. */
  readonly residentGrowth: number;
  readonly firstLoss: number;
  readonly lastLoss: number;
  readonly samples: readonly Sample[];
}

export interface TrainingSoakOptions {
  readonly steps: number;
  /** A full collection, before memory is looked at. */
  readonly collect: () => void;
  /** Done after every step: where a test plants a leak. */
  readonly each?: () => void;
}

const SAMPLES = 50;

/** Adam steps of a 64-wide multi-layer perceptron in one synchronous loop: the event loop never turns. */
export function trainingSoak({ steps, collect, each = () => {} }: TrainingSoakOptions): TrainingSoak {
  const step = perceptronStep();
  const start = performance.now();
  const firstLoss = step();
  const liveBytes = heap.live;
  heap.resetPeak();
  let [unlike, lastLoss] = [0, firstLoss];
  const samples: Sample[] = [];
  for (let i = 1; i < steps; i++) {
    lastLoss = step();
    each();
    if (heap.live !== liveBytes) unlike++;
    if (i % Math.ceil(steps / SAMPLES) === 0) samples.push(sample(i, collect));
  }
  const seconds = (performance.now() - start) / 1000;
  const settled = samples.slice(samples.length >> 1);
  const memory = {
    liveBytes,
    unlike,
    peakBytes: heap.peak,
    heapBytes: heap.memory.buffer.byteLength,
    residentBytesPerStep: slope(settled, (s) => s.residentMB) * MEGABYTE,
    scriptBytesPerStep: slope(settled, (s) => s.scriptMB) * MEGABYTE,
    residentGrowth: settled[settled.length - 1].residentMB / settled[0].residentMB,
  };
  return { steps, seconds, ...memory, firstLoss, lastLoss, samples };
}

/** A training step, ready to be repeated; returns its loss. */
function perceptronStep(): () => number {
  manualSeed(1);
  const [x, labels] = [randn([64, 64]), randint(0, 10, [64])];
  const model = new Sequential(
    new Linear(64, 64),
    new LayerNorm(64),
    new ReLU(),
    new Dropout(0.1),
    new Linear(64, 10),
  );
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  const loss = new CrossEntropyLoss();
  return () => {
    using _ = scope();
    const surprise = loss.forward(model.forward(x), labels);
    optimizer.zeroGrad();
    surprise.backward();
    optimizer.step();
    return surprise.item();
  };
}

function sample(step: number, collect: () => void): Sample {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { step, residentMB: rss / MEGABYTE, scriptMB: heapUsed / MEGABYTE };
}

/** The slope of the straight line nearest to the samples, per step. */
function slope(samples: readonly Sample[], y: (sample: Sample) => number): number {
  const mean = (f: (sample: Sample) => number) => samples.reduce((sum, s) => sum + f(s), 0) / samples.length;
  const [middle, level] = [mean((s) => s.step), mean(y)];
  const along = samples.reduce((sum, s) => sum + (s.step - middle) * (y(s) - level), 0);
  return along / samples.reduce((sum, s) => sum + (s.step - middle) ** 2, 0);
}

export interface AllocationSoak {
  readonly allocations: number;
  readonly seconds: number;
  /** The most bytes in use at once by the soak's blocks. */
  readonly peakBytes: number;
  /** The stretch of memory in which all blocks lay, over the peak: 1 would be no fragmentation at all. */
  readonly fragmentation: number;
  /** The same after the first tenth: a steady state does not drift. */
  readonly early: number;
  /** Bytes in use after all was freed, less than before: 0. */
  readonly left: number;
}

/**
 * Blocks of random sizes (from bytes to megabytes, evenly over the magnitudes) come and go, `held` of them at
 * a time, in phases: now and then half of them go at once, as the end of a batch frees them.
 */
export function allocationSoak(allocations: number, held = 400, seed = 7): AllocationSoak {
  const random = new Random(seed);
  const before = heap.live;
  const blocks: number[] = [];
  const drop = () => {
    const last = blocks.length - 1;
    const i = Math.floor(random.uniform() * blocks.length);
    heap.free(blocks[i]);
    blocks[i] = blocks[last];
    blocks.pop();
  };
  heap.resetPeak();
  let [early, low, high] = [0, Infinity, 0];
  const start = performance.now();
  const ratio = () => (high - low) / (heap.peak - before);
  for (let i = 0; i < allocations; i++) {
    const bytes = Math.floor(2 ** (random.uniform() * 21));
    const block = heap.allocate(bytes, "uint8", [bytes]);
    [low, high] = [Math.min(low, block), Math.max(high, block + bytes)];
    blocks.push(block);
    while (blocks.length > held) drop();
    if (i % 5000 === 4999) while (blocks.length > held / 2) drop();
    if (i === Math.floor(allocations / 10)) early = ratio();
  }
  const [seconds, fragmentation, peakBytes] = [
    (performance.now() - start) / 1000,
    ratio(),
    heap.peak - before,
  ];
  for (const block of blocks) heap.free(block);
  return { allocations, seconds, peakBytes, fragmentation, early, left: heap.live - before };
}
