import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DType, manualSeed, Random, scope, tensor } from "tensorgrad";
import { DataLoader, TensorDataset } from "tensorgrad/data";
import { DistributedSampler, DistributedTrainer, type Group, parameterHash } from "tensorgrad/distributed";
import { BatchNorm2d, Conv2d, CrossEntropyLoss, Flatten, Linear, ReLU, Sequential } from "tensorgrad/nn";
import { SGD } from "tensorgrad/optim";
import { accuracy, type EpochResult } from "tensorgrad/train";
import { Checkpoints } from "tensorgrad/train/node";

/** A small training; what a test makes wrong on purpose is said here, too. */
export interface Setting {
  readonly dtype: DType;
  /** Of all ranks together. */
  readonly batchSize: number;
  readonly examples: number;
  readonly epochs: number;
  readonly accumulate: number;
  readonly rest: "pad" | "drop";
  readonly folder: string | null;
  /** The rank that has something else, and what. */
  readonly odd: "model" | "optimizer" | "batches" | "dies" | "throws" | null;
}

export const SETTING: Setting = {
  dtype: "float64",
  batchSize: 12,
  examples: 60,
  epochs: 3,
  accumulate: 1,
  rest: "pad",
  folder: null,
  odd: null,
};

export interface Outcome {
  readonly rank: number;
  readonly size: number;
  readonly hash: string;
  readonly weights: readonly number[];
  readonly history: readonly EpochResult[];
  readonly steps: number;
  /** Where it began: 0, or the steps of a checkpoint. */
  readonly begun: number;
}

/** Images whose class is the brightest quarter. */
function images(count: number, seed: number, dtype: DType): TensorDataset {
  const random = new Random(seed);
  const labels = Array.from({ length: count }, () => random.integer(4));
  const pixels = labels.map((label) => [
    Array.from({ length: 6 }, (_, y) =>
      Array.from({ length: 6 }, (_, x) => {
        const inside = Math.floor(y / 3) * 2 + Math.floor(x / 3) === label;
        return random.normal() * 0.7 + (inside ? 1 : 0);
      }),
    ),
  ]);
  return new TensorDataset(tensor(pixels, { dtype }), tensor(labels, { dtype: "int32" }));
}

function network(width: number, dtype: DType): Sequential {
  return new Sequential(
    new Conv2d(1, width, 3, { padding: 1 }),
    new BatchNorm2d(width),
    new ReLU(),
    new Flatten(),
    new Linear(36 * width, 4),
  ).to(dtype);
}

/** Trains on the ranks of a group; the same program for one rank and for several. */
export async function train(group: Group, setting: Setting): Promise<Outcome> {
  const { dtype, batchSize, examples, epochs, accumulate, rest, folder, odd } = setting;
  const isOdd = group.rank === 1;
  const { rank, size } = group;
  manualSeed(1 + rank); // other weights on every rank, until rank 0's are sent
  const model = network(odd === "model" && isOdd ? 5 : 4, dtype);
  const optimizer = new SGD(model.parameters(), {
    lr: odd === "optimizer" && isOdd ? 0.2 : 0.1,
    momentum: 0.9,
  });
  const data = images(examples, 3, dtype);
  const held = images(25, 4, dtype);
  const loader = new DataLoader(data, {
    batchSize: batchSize / size / (odd === "batches" && isOdd ? 2 : 1),
    sampler: new DistributedSampler(data, { shuffle: true, rest, rank, size }),
    random: new Random(5),
  });
  const validation = new DataLoader(held, {
    batchSize: 4,
    sampler: new DistributedSampler(held, { rest: "none", rank, size }),
  });
  const checkpoints = folder ? new Checkpoints({ folder, loader, everySteps: 2 }) : null;
  const trainer = new DistributedTrainer({
    group,
    model,
    optimizer,
    loss: new CrossEntropyLoss(),
    metrics: { accuracy },
    accumulate,
    clipGradNorm: 0.5,
    callbacks: [
      ...(checkpoints ? [checkpoints] : []),
      {
        onStepEnd: (_, { step }) => {
          if (!isOdd || step !== 7) return;
          if (odd === "dies") process.kill(process.pid, "SIGKILL");
          if (odd === "throws") throw new Error("a mistake in a callback of rank 1");
        },
      },
    ],
  });
  await checkpoints?.resume(trainer);
  const begun = trainer.steps;
  const history = await trainer.fit(loader, { epochs, validation });
  using _ = scope();
  const weights = model.parameters().flatMap((p) => Array.from(p.data));
  return { rank, size, hash: parameterHash(model), weights, history, steps: trainer.steps, begun };
}

/** Why nothing can be tried here, or null. */
export function withoutMpi(): string | null {
  const { status, error } = spawnSync("mpirun", ["--version"], { encoding: "utf8" });
  return status === 0 ? null : `mpirun does not run (${error?.message ?? `exit code ${status}`})`;
}

export interface Ended {
  readonly status: number | null;
  readonly stderr: string;
  readonly outcomes: readonly Outcome[];
}

/** For a machine without ssh, with fewer cores than ranks, and a container's root; other MPIs do not read it. */
const OPEN_MPI = {
  OMPI_MCA_plm: "isolated",
  OMPI_MCA_rmaps_base_oversubscribe: "1",
  OMPI_MCA_mpi_yield_when_idle: "1",
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
};

/** Runs the training on ranks that mpirun starts, one thread each. */
export function mpirun(ranks: number, setting: Partial<Setting> = {}): Ended {
  const child = fileURLToPath(new URL("./rank-child.fixture.ts", import.meta.url));
  const results = mkdtempSync(join(tmpdir(), "outcomes-"));
  const words = [JSON.stringify({ ...SETTING, ...setting }), results];
  const program = [process.execPath, "--import", "tsx", child, ...words];
  const { status, stderr } = spawnSync("mpirun", ["-n", String(ranks), ...program], {
    encoding: "utf8",
    timeout: 120_000,
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    env: { ...process.env, ...OPEN_MPI, TENSORGRAD_THREADS: "1" },
  });
  const outcomes = readdirSync(results)
    .sort()
    .map((name) => JSON.parse(readFileSync(join(results, name), "utf8")) as Outcome);
  rmSync(results, { recursive: true });
  return { status, stderr, outcomes };
}
