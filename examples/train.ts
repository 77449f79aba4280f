/**
 * A training as a file describes it, recorded so that it can be stopped, resumed, compared and repeated.
 *
 *   npx tsx examples/train.ts --config examples/configs/spirals-mlp.yaml --set optimizer.lr=0.02
 *   npx tsx examples/train.ts --resume spirals-mlp-001          # after Ctrl-C, a crash, or kill -9
 *   npx tensorgrad runs list --folder out/runs
 *   npx tensorgrad runs replay spirals-mlp-001 --folder out/runs
 *
 * The run's folder `out/runs/<name>-<number>` holds configuration, metrics, checkpoints, curves and TensorBoard events.
 */
import { Option } from "commander";
import { FormatError, Random } from "tensorgrad";
import { blobs, DataLoader, type Dataset, moons, spirals, xor } from "tensorgrad/data";
import { loadDigits } from "tensorgrad/data/node";
import {
  CrossEntropyLoss,
  Dropout,
  GELU,
  type Layer,
  Linear,
  ReLU,
  Sequential,
  Sigmoid,
  SiLU,
  Tanh,
} from "tensorgrad/nn";
import { accuracy, EarlyStopping, Trainer } from "tensorgrad/train";
import {
  Checkpoints,
  type Display,
  Experiment,
  type ExperimentOptions,
  Interrupt,
  loadConfig,
  makeOptimizer,
  makeSchedule,
  progressDisplay,
  type TrainingConfig,
} from "tensorgrad/train/node";
import { atLeast, exampleOptions, finish, isMain, refuse } from "./lib/options.ts";

/** Chance is 0.1 for digits, 0.5 for the others. */
export const TARGET = 0.8;

const activations = { relu: ReLU, tanh: Tanh, sigmoid: Sigmoid, gelu: GELU, silu: SiLU } as const;
const points = { blobs, moons, spirals, xor } as const;

/** Linear layers with an activation between them, and dropout where wanted. */
export function mlp(
  [features, classes]: readonly [number, number],
  { hidden, activation, dropout }: TrainingConfig["model"],
): Sequential {
  const sizes = [features, ...hidden];
  const layers = hidden.flatMap((size, i): Layer[] => [
    new Linear(sizes[i], size),
    new activations[activation](),
    ...(dropout > 0 ? [new Dropout(dropout)] : []),
  ]);
  return new Sequential(...layers, new Linear(sizes[hidden.length], classes));
}

interface Data {
  readonly train: Dataset;
  readonly test: Dataset;
  /** Features of an example, and classes. */
  readonly sizes: readonly [number, number];
}

async function load({ data: { name }, seed }: TrainingConfig, quick: boolean): Promise<Data> {
  if (name === "digits") {
    const synthetic = quick ? { train: 2000, test: 500 } : { train: 10_000, test: 2000 };
    const digits = await loadDigits({ shape: [784], random: new Random(seed), synthetic });
    const [train, test] = quick
      ? [digits.train.take(6000), digits.test.take(1000)]
      : [digits.train, digits.test];
    return { train, test, sizes: [784, 10] };
  }
  if (!(name in points))
    throw new RangeError(
      `train: data ${name} — this example knows digits, ${Object.keys(points).join(", ")}`,
    );
  const make = points[name as keyof typeof points];
  const draw = (count: number, at: number) => make({ count, noise: 0.02, random: new Random(at) });
  return { train: draw(800, seed), test: draw(400, seed + 1), sizes: [2, 2] };
}

/** Everything that takes part, as the experiment's configuration says. */
function prepare(
  experiment: Experiment<TrainingConfig>,
  { train, sizes }: Data,
  onProgress: Display["onProgress"],
) {
  const { config } = experiment;
  const { epochs, earlyStopping, checkpoints: saving, accumulate, clipNorm } = config.training;
  const { batchSize, shuffle, dropLast } = config.data;
  const loader = new DataLoader(train, { batchSize, shuffle, dropLast });
  const model = mlp(sizes, config.model);
  const checkpoints = new Checkpoints({ ...saving, folder: experiment.path("checkpoints"), loader });
  const trainer = new Trainer({
    model,
    optimizer: makeOptimizer(config.optimizer, model.parameters()),
    loss: new CrossEntropyLoss(),
    schedule: makeSchedule(config, Math.ceil(loader.length / accumulate) * epochs),
    metrics: { accuracy },
    accumulate,
    ...(clipNorm !== undefined && { clipGradNorm: clipNorm }),
    callbacks: [
      experiment,
      ...(earlyStopping ? [new EarlyStopping(earlyStopping)] : []),
      checkpoints,
      new Interrupt(),
    ],
    onProgress,
  });
  return { loader, trainer, checkpoints };
}

async function main(): Promise<void> {
  const options = exampleOptions<{ config: string; set: string[]; resume?: string }>(
    "train",
    "A training as a file describes it",
    [
      new Option("--config <file>", "what to train").default("examples/configs/spirals-mlp.yaml"),
      new Option("--set <key=value...>", "instead of what the file says").default([]),
      new Option("--resume <id>", "go on with a run that was interrupted"),
    ],
  );
  const { quick, json, resume } = options;
  const experiment = begin(resume === undefined ? () => described(options) : () => ({ resume }));
  const data = await load(experiment.config, quick);
  using display = await progressDisplay();
  const { loader, trainer, checkpoints } = prepare(experiment, data, display.onProgress);
  const from = resume === undefined ? null : await checkpoints.resume(trainer);
  if (from) console.log(`${experiment.id} goes on after step ${from.steps}`);

  const { epochs } = experiment.config.training;
  const validation = new DataLoader(data.test, { batchSize: 500 });
  const history = await trainer.fit(loader, { epochs, validation });
  const testAccuracy = history.at(-1)?.validation?.metrics.accuracy ?? 0;
  const result = { run: experiment.id, epochs: history.length, steps: trainer.steps, testAccuracy };
  finish({ json, result, misses: atLeast("test accuracy", testAccuracy, TARGET) });
}

/** A mistake in a file is the user's to read, not a stack of calls. */
function begin(options: () => ExperimentOptions<TrainingConfig>): Experiment<TrainingConfig> {
  try {
    return new Experiment({ root: "out/runs", ...options() });
  } catch (error) {
    if (error instanceof FormatError || error instanceof RangeError) refuse(error.message);
    throw error;
  }
}

/** The file's seed counts unless the command line names one. */
function described(options: { config: string; set: readonly string[]; quick: boolean; seed: number }) {
  const seed = process.argv.includes("--seed") ? [`seed=${options.seed}`] : [];
  const overrides = [...seed, ...(options.quick ? ["training.epochs=15"] : []), ...options.set];
  const config = loadConfig(options.config, undefined, { overrides });
  return { name: config.name, seed: config.seed, config };
}

if (isMain(import.meta.url)) await main();
