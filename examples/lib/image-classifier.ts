import { manualSeed, noGrad, scope, type Tensor } from "tensorgrad";
import { DataLoader, type Dataset } from "tensorgrad/data";
import { CrossEntropyLoss, type Module, type Sequential } from "tensorgrad/nn";
import {
  accuracy,
  type Callback,
  ConfusionMatrix,
  type EpochResult,
  type Progress,
  Trainer,
} from "tensorgrad/train";
import { Checkpoints, Interrupt } from "tensorgrad/train/node";
import { batchSizeOf, build, type ImageRecipe, optimizerOf, scheduleOf } from "./cnn-recipes.ts";

export interface ImageRun {
  readonly recipe: string;
  readonly model: Sequential;
  /** The loss of every step of the finished epochs, in nats. */
  readonly losses: readonly number[];
  readonly epochs: readonly EpochLog[];
  /** Of all steps together, evaluation apart. */
  readonly seconds: number;
  /** Why training ended early, or null. */
  readonly stopped: string | null;
}

export interface EpochLog {
  readonly epoch: number;
  readonly loss: number;
  readonly trainAccuracy: number;
  readonly validationAccuracy: number | null;
  readonly seconds: number;
}

export interface TrainImagesOptions {
  readonly seed: number;
  readonly quick?: boolean;
  readonly epochs?: number;
  /** Looked at after every epoch; the test images are not. */
  readonly validation?: Dataset;
  /** Checkpoints go here, and training goes on from the newest one. */
  readonly folder?: string;
  readonly callbacks?: readonly Callback[];
  readonly onProgress?: (progress: Progress) => void;
}

/** Trains a network by a recipe; same seed, same result, also when it was interrupted and resumed. */
export async function trainImages(
  recipe: ImageRecipe,
  train: Dataset,
  {
    seed,
    quick = false,
    epochs = recipe.epochs,
    validation,
    folder,
    callbacks = [],
    onProgress,
  }: TrainImagesOptions,
): Promise<ImageRun> {
  manualSeed(seed);
  const model = build(recipe);
  const loader = new DataLoader(train, { batchSize: batchSizeOf(quick), shuffle: true, dropLast: true });
  const checkpoints = folder === undefined ? null : new Checkpoints({ folder, loader, everySteps: 100 });
  const trainer = new Trainer({
    model,
    optimizer: optimizerOf(recipe, model),
    schedule: scheduleOf(recipe, loader.length * epochs),
    loss: new CrossEntropyLoss({ labelSmoothing: 0.1 }),
    metrics: { accuracy },
    callbacks: [...callbacks, ...(checkpoints ? [checkpoints, new Interrupt()] : [])],
    ...(onProgress ? { onProgress } : {}),
  });
  await checkpoints?.resume(trainer);
  const history = await trainer.fit(loader, {
    epochs,
    ...(validation ? { validation: new DataLoader(validation, { batchSize: 250 }) } : {}),
  });
  return {
    recipe: recipe.name,
    model,
    losses: history.flatMap((epoch) => epoch.train.losses),
    epochs: history.map(logOf),
    seconds: history.reduce((sum, { train }) => sum + train.seconds, 0),
    stopped: trainer.stopped,
  };
}

const logOf = ({ epoch, train, validation }: EpochResult): EpochLog => ({
  epoch,
  loss: train.loss,
  trainAccuracy: train.metrics.accuracy,
  validationAccuracy: validation?.metrics.accuracy ?? null,
  seconds: train.seconds,
});

/** What a trained model says of images it has never seen. */
export interface Judgement {
  /** One look at each image. */
  readonly testAccuracy: number;
  /** The image and its mirror image together: their logits added. */
  readonly testAccuracyFlip: number;
  readonly confusion: readonly (readonly number[])[];
  /** The predicted class of every image. */
  readonly predicted: Int32Array;
  /** The probability that the model gives the true class, by image. */
  readonly certainty: Float32Array;
}

export function judgeImages(model: Module, test: Dataset): Judgement {
  const [one, both] = [new ConfusionMatrix(10), new ConfusionMatrix(10)];
  const [predicted, certainty] = [new Int32Array(test.length), new Float32Array(test.length)];
  let at = 0;
  model.eval();
  for (const { x, y } of new DataLoader(test, { batchSize: 250 })) {
    using _ = scope();
    using __ = noGrad();
    const logits = model.forward(x);
    one.add(logits, y);
    both.add(logits.add(model.forward(x.flip(3))), y);
    predicted.set(logits.argmax(1).data, at);
    certainty.set(ofTruth(logits, y), at);
    at += y.size;
  }
  return {
    testAccuracy: one.accuracy,
    testAccuracyFlip: both.accuracy,
    confusion: one.counts,
    predicted,
    certainty,
  };
}

/** The probability of the true class of every row. */
const ofTruth = (logits: Tensor, y: Tensor): Float32Array =>
  logits
    .sub(logits.logSumExp(1, { keepDim: true }))
    .exp()
    .gather(1, y.unsqueeze(1)).data as Float32Array;

export const parameterCount = (model: Module): number =>
  model.parameters().reduce((sum, p) => sum + p.size, 0);
