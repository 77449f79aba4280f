import { loadavg } from "node:os";
import { manualSeed, Random, scope } from "tensorgrad";
import { Compose, DataLoader, type Dataset, RandomCrop, RandomHorizontalFlip } from "tensorgrad/data";
import { CIFAR10 } from "tensorgrad/data/node";
import { CrossEntropyLoss, Flatten, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { median } from "tensorgrad/runtime";

/**
 * How long a training loop waits for its data: CIFAR-10 with random crops and flips, an MLP, batches made in the
 * training thread or ahead by workers, from memory or from the disk. Prints one JSON object. On a machine that is busy
 * otherwise (`loadAverage` tells) sums contain the time that other programs took; medians do not.
 */
const [STEPS, ROUNDS] = [60, 3];
/** A step then takes about as long as that of a small CNN on such batches. */
const HIDDEN = 2048;

interface Setup {
  readonly data: "memory" | "disk";
  readonly batchSize: number;
  readonly workers: number;
}

const transform = new Compose([new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip()]);
const options = { ...CIFAR10.statistics, transform };
const datasets: Record<Setup["data"], Dataset> = {
  memory: await CIFAR10.load(options),
  disk: await CIFAR10.open({ ...options, verify: false }),
};

interface Times {
  /** Milliseconds of every step, and of every wait before it. */
  readonly steps: readonly number[];
  readonly waits: readonly number[];
}

async function train(loader: DataLoader): Promise<Times> {
  manualSeed(1);
  const model = new Sequential(new Flatten(), new Linear(3072, HIDDEN), new ReLU(), new Linear(HIDDEN, 10));
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const loss = new CrossEntropyLoss();
  const batches = loader[Symbol.asyncIterator]();
  await batches.next(); // workers start here
  const [steps, waits]: [number[], number[]] = [[], []];
  for (let step = 0; step < STEPS; step++) {
    const asked = performance.now();
    const { value: batch } = await batches.next();
    const begun = performance.now();
    if (!batch) throw new Error("loader: the data set is shorter than a measurement");
    using _ = scope();
    optimizer.zeroGrad();
    loss.forward(model.forward(batch.x), batch.y).backward();
    optimizer.step();
    steps.push(performance.now() - begun);
    waits.push(begun - asked);
  }
  await batches.return(undefined);
  return { steps, waits };
}

/** Milliseconds from the first request to the first batch, with new workers. */
async function startUp(run: Setup): Promise<number> {
  const loader = loaderOf(run);
  const start = performance.now();
  for await (const _ of loader) break;
  const time = performance.now() - start;
  await loader.close();
  return time;
}

const loaderOf = ({ data, batchSize, workers }: Setup): DataLoader =>
  new DataLoader(datasets[data], { batchSize, workers, shuffle: true, random: new Random(1) });

const runs: Setup[] = (["memory", "disk"] as const).flatMap((data) =>
  [64, 128].flatMap((batchSize) => [0, 1, 2].map((workers) => ({ data, batchSize, workers }))),
);
const loaders = runs.map(loaderOf);
const measured: Times[][] = runs.map(() => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, loader] of loaders.entries()) measured[i].push(await train(loader));
}
await Promise.all(loaders.map((loader) => loader.close()));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const share = ({ steps, waits }: Times): number => sum(waits) / (sum(steps) + sum(waits));

const results = runs.map((run, i) => {
  const shares = measured[i].map(share);
  const stepMs = median(measured[i].flatMap(({ steps }) => steps));
  const waitMs = median(measured[i].flatMap(({ waits }) => waits));
  return {
    ...run,
    stepMs,
    waitMs,
    medianShare: waitMs / (waitMs + stepMs),
    // Of the whole time: in the round that other programs disturbed least, and in the one they disturbed most.
    waitShare: Math.min(...shares),
    worstWaitShare: Math.max(...shares),
  };
});
const startUpMs = await startUp({ data: "memory", batchSize: 64, workers: 2 });
console.log(JSON.stringify({ steps: STEPS, rounds: ROUNDS, loadAverage: loadavg()[0], startUpMs, results }));
