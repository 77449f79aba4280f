import { heap, manualSeed, noGrad, Random, scope } from "tensorgrad";
import { DataLoader, type Dataset, type ImageDataset } from "tensorgrad/data";
import { type Digits, loadDigits } from "tensorgrad/data/node";
import { CrossEntropyLoss, type Layer, type Module, type Parameter, Sequential } from "tensorgrad/nn";
import type { Schedule } from "tensorgrad/optim";
import {
  accuracy,
  type Callback,
  ConfusionMatrix,
  type EpochResult,
  type Progress,
  predictions,
  Trainer,
  type TrainerOptions,
} from "tensorgrad/train";

/** How many images a report shows. */
const SAMPLES = 24;

/** A network for 784 pixels and ten classes, and how it is trained. */
export interface Recipe {
  layers: () => Layer[];
  epochs: number;
  batchSize: number;
  /** Certainty beyond 1 − s is not rewarded: a smoothed loss, see Szegedy et al. 2016. */
  labelSmoothing: number;
  optimizer: (parameters: Parameter[]) => TrainerOptions["optimizer"];
  schedule?: (steps: number) => Schedule;
}

/** A test image and what the model takes it for. */
export interface Sample {
  /** 28 · 28 bytes, 255 = ink. */
  pixels: Uint8Array;
  label: number;
  predicted: number;
}

/** Everything a report needs. */
export interface MlpRun {
  dataset: Digits["name"];
  model: Sequential;
  test: ImageDataset;
  /** The loss of every step, in nats; smoothed targets cost 0.3 even when all is right. */
  losses: number[];
  epochs: { epoch: number; loss: number; testLoss: number; testAccuracy: number; seconds: number }[];
  testAccuracy: number;
  /** `confusion[actual][predicted]`. */
  confusion: number[][];
  /** The first test images, and the first ones that the model gets wrong. */
  samples: Sample[];
  mistakes: Sample[];
  /** Bytes of the tensor heap: in use at the end, at most, and left behind by any one step. */
  heap: { live: number; peak: number; growth: number };
  /** Why training ended before its last epoch, or null. */
  stopped: string | null;
  /** Of all steps together, evaluation apart. */
  seconds: number;
}

export interface ClassifierOptions {
  seed: number;
  epochs?: number | undefined;
  callbacks?: readonly Callback[];
  /** Instead of the test images, for decisions that must not look at those. */
  validation?: Dataset;
  onProgress?: (progress: Progress) => void;
  /** Called when training is over, before the test images are judged. */
  finish?: () => void;
}

/** MNIST or what stands in for it, as rows of 784; a part of it in a quick run. */
export async function digits(seed: number, quick: boolean): Promise<Digits> {
  const all = await loadDigits({
    shape: [784],
    random: new Random(seed),
    synthetic: quick ? { train: 3000, test: 500 } : { train: 10_000, test: 2000 },
    onNotice: (notice) => console.log(notice),
  });
  return quick ? { ...all, train: all.train.take(12_000), test: all.test.take(2000) } : all;
}

/** Trains a network by a recipe; same seed, same result. */
export async function trainClassifier(
  { layers, batchSize, labelSmoothing, optimizer, schedule, ...recipe }: Recipe,
  { name, test }: Pick<Digits, "name" | "test">,
  train: Dataset,
  options: ClassifierOptions,
): Promise<MlpRun> {
  const { epochs = recipe.epochs, callbacks = [], validation = test } = options;
  manualSeed(options.seed);
  const model = new Sequential(...layers());
  const loader = new DataLoader(train, { batchSize, shuffle: true, dropLast: true });
  const growth: number[] = []; // bytes that each step left on the heap
  heap.resetPeak();
  const trainer = new Trainer({
    model,
    callbacks,
    optimizer: optimizer(model.parameters()),
    ...(schedule ? { schedule: schedule(loader.length * epochs) } : {}),
    loss: new CrossEntropyLoss({ labelSmoothing }),
    metrics: { accuracy },
    onProgress: (progress) => {
      if (progress.phase === "train" && !progress.done) growth.push(progress.heapGrowth);
      options.onProgress?.(progress);
    },
  });
  const history = await trainer.fit(loader, {
    epochs,
    validation: new DataLoader(validation, { batchSize: 500 }),
  });
  options.finish?.();
  return {
    ...{ dataset: name, model, test, stopped: trainer.stopped },
    losses: history.flatMap((epoch) => epoch.train.losses),
    epochs: history.map(summary),
    seconds: history.reduce((sum, { train }) => sum + train.seconds, 0),
    heap: { live: heap.live, peak: heap.peak, growth: Math.max(...growth.map(Math.abs)) },
    ...judge(model, test),
  };
}

const summary = ({ epoch, train, validation }: EpochResult): MlpRun["epochs"][number] => ({
  epoch,
  loss: train.loss,
  testLoss: validation?.loss ?? Number.NaN,
  testAccuracy: validation?.metrics.accuracy ?? Number.NaN,
  seconds: train.seconds,
});

/** What the trained model says about every test image. */
export function judge(
  model: Module,
  test: ImageDataset,
): Pick<MlpRun, "testAccuracy" | "confusion" | "samples" | "mistakes"> {
  const confusion = new ConfusionMatrix(10);
  const all: Sample[] = [];
  model.eval();
  for (const { x, y } of new DataLoader(test, { batchSize: 500 })) {
    using _ = scope();
    const output = noGrad(() => model.forward(x));
    confusion.add(output, y);
    for (const predicted of predictions(output)) {
      const i = all.length;
      all.push({ pixels: test.pixels(i), label: test.labels[i], predicted });
    }
  }
  return {
    testAccuracy: confusion.accuracy,
    confusion: confusion.counts,
    samples: all.slice(0, SAMPLES),
    mistakes: all.filter(({ label, predicted }) => label !== predicted).slice(0, SAMPLES),
  };
}
