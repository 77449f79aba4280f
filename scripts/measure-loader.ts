import { manualSeed, Random, scope } from "tensorgrad";
import { Compose, DataLoader, type Dataset, RandomCrop, RandomHorizontalFlip } from "tensorgrad/data";
import { CIFAR10 } from "tensorgrad/data/node";
import { CrossEntropyLoss, Flatten, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";

/**
 * How long a training loop waits for its data: CIFAR-10 with random crops and flips, a small MLP, batches made in the
 * training thread or ahead by workers, from memory or from the disk. Prints one JSON object.
 */
const [STEPS, ROUNDS] = [60, 3];

interface Run {
  readonly data: "memory" | "disk";
  readonly batchSize: number;
  readonly workers: number;
}

const transform = new Compose([new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip()]);
const options = { ...CIFAR10.statistics, transform };
const datasets: Record<Run["data"], Dataset> = {
  memory: await CIFAR10.load(options),
  disk: await CIFAR10.open({ ...options, verify: false }),
};

/** Milliseconds of one training loop: in all, and of them until a batch was there. */
async function train(loader: DataLoader): Promise<{ total: number; waiting: number }> {
  manualSeed(1);
  const model = new Sequential(new Flatten(), new Linear(3072, 512), new ReLU(), new Linear(512, 10));
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  const loss = new CrossEntropyLoss();
  const batches = loader[Symbol.asyncIterator]();
  await batches.next(); // workers start here
  let waiting = 0;
  const start = performance.now();
  for (let step = 0; step < STEPS; step++) {
    const asked = performance.now();
    const { value: batch } = await batches.next();
    waiting += performance.now() - asked;
    if (!batch) throw new Error("measure-loader: the data set is shorter than a measurement");
    using _ = scope();
    optimizer.zeroGrad();
    loss.forward(model.forward(batch.x), batch.y).backward();
    optimizer.step();
  }
  const total = performance.now() - start;
  await batches.return(undefined);
  return { total, waiting };
}

/** Milliseconds from the first request to the first batch, with new workers. */
async function startUp(run: Run): Promise<number> {
  const loader = loaderOf(run);
  const start = performance.now();
  for await (const _ of loader) break;
  const time = performance.now() - start;
  await loader.close();
  return time;
}

const loaderOf = ({ data, batchSize, workers }: Run): DataLoader =>
  new DataLoader(datasets[data], { batchSize, workers, shuffle: true, random: new Random(1) });

const runs: Run[] = (["memory", "disk"] as const).flatMap((data) =>
  [64, 128].flatMap((batchSize) => [0, 1, 2].map((workers) => ({ data, batchSize, workers }))),
);
const loaders = runs.map(loaderOf);
const measured: { total: number; waiting: number }[][] = runs.map(() => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, loader] of loaders.entries()) measured[i].push(await train(loader));
}
await Promise.all(loaders.map((loader) => loader.close()));

const results = runs.map((run, i) => {
  // The round that was disturbed least.
  const { total, waiting } = measured[i].reduce((best, next) => (next.total < best.total ? next : best));
  const shares = measured[i].map((round) => round.waiting / round.total);
  return {
    ...run,
    stepMs: (total - waiting) / STEPS,
    waitMs: waiting / STEPS,
    waitShare: waiting / total,
    worstWaitShare: Math.max(...shares),
  };
});
const startUpMs = await startUp({ data: "memory", batchSize: 64, workers: 2 });
console.log(JSON.stringify({ steps: STEPS, rounds: ROUNDS, startUpMs, results }));
