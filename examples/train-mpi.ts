/**
 * The network of milestone 2, trained on several processes at once.
 *
 *   mpirun -n 2 npx tsx examples/train-mpi.ts     as two ranks, 32 images each per step
 *   npx tsx examples/train-mpi.ts                 alone, 64 images per step; then as two ranks, and compares
 *
 * What differs from a training in one process: the trainer's name, and a sampler that gives each rank its share. Two ranks end
 * where one does, up to the order of sums. `--resume` goes on from the checkpoints of a run that was killed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Option } from "commander";
import { manualSeed, Random } from "tensorgrad";
import { DataLoader } from "tensorgrad/data";
import { DistributedSampler, DistributedTrainer, init } from "tensorgrad/distributed";
import { CrossEntropyLoss, Sequential } from "tensorgrad/nn";
import { accuracy } from "tensorgrad/train";
import { Checkpoints, loadTensors, saveTensors } from "tensorgrad/train/node";
import { digits } from "./lib/digit-classifier.ts";
import { MLP } from "./lib/digit-recipes.ts";
import { atLeast, atMost, exampleOptions, finish, isMain } from "./lib/options.ts";

interface Settings {
  readonly quick: boolean;
  readonly seed: number;
  /** Where checkpoints are; none without it. */
  readonly resume?: string;
  /** Where the weights go at the end. */
  readonly weights?: string;
}

/** One rank's part; alone, all of it. */
async function train({ quick, seed, resume, weights }: Settings) {
  const group = init();
  manualSeed(seed);
  const { train, test } = await digits(seed, quick);
  const share = { batchSize: MLP.batchSize / group.size, random: new Random(seed) };
  const loader = new DataLoader(train, {
    ...share,
    dropLast: true,
    sampler: new DistributedSampler(train, { shuffle: true, rest: "drop" }),
  });
  const validation = new DataLoader(test, {
    ...share,
    sampler: new DistributedSampler(test, { rest: "none" }),
  });
  const model = new Sequential(...MLP.layers());
  const checkpoints = resume ? [new Checkpoints({ folder: resume, loader, everySteps: 100 })] : [];
  const trainer = new DistributedTrainer({
    model,
    optimizer: MLP.optimizer(model.parameters()),
    loss: new CrossEntropyLoss(),
    metrics: { accuracy },
    callbacks: checkpoints,
  });
  await checkpoints[0]?.resume(trainer);
  const history = await trainer.fit(loader, { epochs: quick ? 1 : 2, validation });
  if (weights && group.rank === 0) await saveTensors(weights, model.stateDict());
  const last = history[history.length - 1];
  return {
    ranks: group.size,
    testAccuracy: last.validation?.metrics.accuracy ?? Number.NaN,
    testLoss: last.validation?.loss ?? Number.NaN,
    millisecondsPerStep: (1000 * last.train.seconds) / last.train.steps,
    steps: trainer.steps,
  };
}

/** For a machine without ssh, with fewer cores than ranks, and a container's root; other MPIs do not read it. */
const OPEN_MPI = {
  OMPI_MCA_plm: "isolated",
  OMPI_MCA_rmaps_base_oversubscribe: "1",
  OMPI_MCA_mpi_yield_when_idle: "1",
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
};

/** The same program as two ranks; false where there is no MPI. */
function asTwoRanks(seed: number, quick: boolean, weights: string): boolean {
  const own = [...process.execArgv, process.argv[1], "--seed", String(seed), "--weights", weights];
  const { status, error } = spawnSync(
    "mpirun",
    ["-n", "2", process.execPath, ...own, ...(quick ? ["--quick"] : [])],
    { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...OPEN_MPI } },
  );
  if (error) console.log(`mpirun was not found (${error.message}); install Open MPI to see two ranks`);
  else if (status !== 0) throw new Error(`train-mpi: the two ranks ended with exit code ${status}`);
  return !error;
}

/** The largest difference of two files' weights, against the largest weight. */
async function differenceOf(a: string, b: string): Promise<number> {
  const [one, two] = [await loadTensors(a), await loadTensors(b)];
  let [largest, difference] = [0, 0];
  for (const [name, tensor] of Object.entries(one.tensors)) {
    const other = two.tensors[name].data;
    for (const [i, value] of tensor.data.entries()) {
      largest = Math.max(largest, Math.abs(value));
      difference = Math.max(difference, Math.abs(value - other[i]));
    }
  }
  return difference / largest;
}

/** Alone first, then on two ranks where there is an MPI. */
async function compare(seed: number, quick: boolean) {
  const folder = mkdtempSync(join(tmpdir(), "train-mpi-"));
  try {
    const [one, two] = ["one", "two"].map((name) => join(folder, `${name}.safetensors`));
    const result = await train({ quick, seed, weights: one });
    if (!asTwoRanks(seed, quick, two)) return result;
    return { ...result, weightsDifference: await differenceOf(one, two) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const options = exampleOptions<{ resume?: string; weights?: string }>(
    "train-mpi",
    "A training on several processes",
    [
      new Option("--resume <folder>", "saves checkpoints there, and goes on from them"),
      new Option("--weights <file>", "where rank 0 writes the weights at the end"),
    ],
  );
  const { quick, seed, json } = options;
  const group = init();
  const isPart = group.size > 1 || options.resume !== undefined || options.weights !== undefined;
  const result = isPart ? await train(options) : await compare(seed, quick);
  group.finalize();
  if (group.rank > 0) return;
  const { weightsDifference = 0 } = result as { weightsDifference?: number };
  finish({
    json,
    result: { ...result, seed },
    misses: [
      ...atLeast("test accuracy", result.testAccuracy, quick ? 0.85 : 0.95),
      ...atMost("difference of the weights", weightsDifference, 1e-4),
    ],
  });
}

if (isMain(import.meta.url)) await main();
