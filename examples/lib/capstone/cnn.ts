import { manualSeed, noGrad, scope } from "tensorgrad";
import { structuredPrune } from "tensorgrad/compression";
import { DataLoader, type Dataset, type ImageDataset } from "tensorgrad/data";
import { evaluating, type Module, quantizeModel, type Sequential } from "tensorgrad/nn";
import { accuracy, ConfusionMatrix } from "tensorgrad/train";
import { batchSizeOf, build, type ImageRecipe, optimizerOf } from "../cnn-recipes.ts";
import { type Taught, teach } from "./teach.ts";

/** Of the channels of every layer. */
export const SPARSITY = 0.5;
/** How the halved network is trained on. */
const [PEAK_LR, TEMPERATURE, ALPHA] = [0.05, 4, 0.9];
/** The rate falls in a straight line, and in the last tenth of the steps more steeply, down to 0. */
const rateAt = (step: number, steps: number): number =>
  PEAK_LR * Math.min(1 - step / (1.25 * steps), (steps - step) / (0.357 * steps));

/** A copy with half of the channels, as they are left. */
export function halved(recipe: ImageRecipe, model: Sequential): Sequential {
  const copy = build(recipe);
  copy.loadStateDict(model.stateDict());
  structuredPrune(copy, { sparsity: SPARSITY });
  return copy;
}

/** The share of the images that a model knows, each looked at once. */
export function accuracyOf(model: Module, images: ImageDataset): number {
  const counts = new ConfusionMatrix(10);
  for (const { x, y } of new DataLoader(images, { batchSize: 250 })) {
    using _ = scope();
    using __ = noGrad();
    using ___ = evaluating(model);
    counts.add(model.forward(x), y);
  }
  return counts.accuracy;
}

/** The network before, with each lever alone and with several: `small` is the one that is kept. */
export function cnnVariants(
  recipe: ImageRecipe,
  { whole, half, small }: Readonly<Record<"whole" | "half" | "small", Sequential>>,
  calibration: DataLoader,
): Record<string, Module> {
  const copyOf = (model: Sequential, copy: Sequential) => {
    copy.loadStateDict(model.stateDict());
    return quantizeModel(copy, { calibration });
  };
  return {
    float32: whole,
    "int8 products": copyOf(whole, build(recipe)),
    "half the channels": halved(recipe, whole),
    "half, taught": half,
    "half, taught, int8 weights": small,
    "half, taught, int8 products": copyOf(half, halved(recipe, whole)),
  };
}

export interface HalvedOptions {
  /** Passes over the images. */
  readonly epochs: number;
  readonly seed: number;
  readonly quick?: boolean;
  readonly folder?: string;
}

/** The halved network, trained on with the whole one as its teacher. */
export async function taughtHalf(
  recipe: ImageRecipe,
  teacher: Sequential,
  train: Dataset,
  { epochs, seed, quick = false, folder }: HalvedOptions,
): Promise<{ readonly model: Sequential; readonly taught: Taught }> {
  manualSeed(seed);
  const model = halved(recipe, teacher);
  const loader = new DataLoader(train, { batchSize: batchSizeOf(quick), shuffle: true, dropLast: true });
  const taught = await teach({
    ...{
      teacher,
      student: model,
      loader,
      steps: epochs * loader.length,
      temperature: TEMPERATURE,
      alpha: ALPHA,
      metrics: { accuracy },
    },
    optimizer: optimizerOf({ ...recipe, peakLr: PEAK_LR }, model),
    rate: rateAt,
    ...(folder === undefined ? {} : { folder }),
  });
  return { model, taught };
}
