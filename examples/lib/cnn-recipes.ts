import {
  BatchNorm2d,
  Conv2d,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Residual,
  Sequential,
} from "tensorgrad/nn";
import { type Schedule, SGD } from "tensorgrad/optim";
import type { Augmentation, Pictures } from "./cifar-data.ts";

/** A network for images of 3×32×32, and how long it is trained. */
export interface ImageRecipe {
  readonly name: string;
  readonly layers: () => Layer[];
  readonly epochs: number;
  readonly augmentation: Augmentation;
  readonly peakLr: number;
}

const BATCH_SIZE = 128;
/** What a network bears whose activations are normalised after every layer. */
const PEAK_LR = 0.1;

const conv = (from: number, to: number): Conv2d => new Conv2d(from, to, 3, { padding: 1, bias: false });

/** Pooling before the normalisation: a quarter of the numbers to normalise, and the same maxima. */
const block = (from: number, to: number): Layer[] => [
  conv(from, to),
  new MaxPool2d(2),
  new BatchNorm2d(to),
  new ReLU(),
];

/** Three convolutions and a line: widths such as 64-128-256. */
export const threeConv = (widths: readonly [number, number, number], epochs: number): ImageRecipe => ({
  name: `threeConv ${widths.join("-")}`,
  epochs,
  augmentation: { shift: 2, cutout: 0 },
  peakLr: PEAK_LR,
  layers: () => [
    ...block(3, widths[0]),
    ...block(widths[0], widths[1]),
    ...block(widths[1], widths[2]),
    new Flatten(),
    new Linear(widths[2] * 4 * 4, 10),
  ],
});

/** A block, and one more convolution that only learns what has to change (He et al. 2016). */
const group = (from: number, to: number): Layer[] => [
  ...block(from, to),
  new Residual(conv(to, to), new BatchNorm2d(to), new ReLU()),
];

/** Seven convolutions, three of them around a skip: widths such as 32-64-128-256. */
export const residual = (widths: readonly [number, number, number, number], epochs: number): ImageRecipe => ({
  name: `residual ${widths.join("-")}`,
  epochs,
  augmentation: { shift: 4, cutout: 8 }, // it would learn the images by heart
  peakLr: PEAK_LR,
  layers: () => [
    conv(3, widths[0]),
    new BatchNorm2d(widths[0]),
    new ReLU(),
    ...group(widths[0], widths[1]),
    ...group(widths[1], widths[2]),
    ...group(widths[2], widths[3]),
    new MaxPool2d(4),
    new Flatten(),
    new Linear(widths[3], 10),
  ],
});

/** The networks of milestone 3, by the names of their files. */
export const RECIPES = {
  threeConv: threeConv([64, 128, 256], 12),
  residual: residual([32, 64, 128, 256], 24),
} as const;

/** The same in small. */
export const QUICK = {
  threeConv: threeConv([16, 32, 64], 2),
  residual: residual([8, 16, 32, 32], 2),
} as const;

export type NetworkName = keyof typeof RECIPES;

/** A name for the folder of a training: one by another recipe, or on other images, must not go on from its checkpoints. */
export const folderName = ({ name, epochs }: ImageRecipe, data: Pictures["name"], seed: number): string =>
  `${data}-${name.replaceAll(/[^\w-]+/g, "-")}-${epochs}-epochs-${seed}`;

export const build = ({ layers }: ImageRecipe): Sequential => new Sequential(...layers());

export const batchSizeOf = (quick: boolean): number => (quick ? 64 : BATCH_SIZE);

/** Stochastic gradient descent with Nesterov momentum; weights decay, gains and biases do not. */
export function optimizerOf({ peakLr }: ImageRecipe, model: Module): SGD {
  const parameters = model.parameters();
  const settings = { lr: peakLr, momentum: 0.9, nesterov: true };
  return new SGD(
    [
      { params: parameters.filter((p) => p.rank > 1), weightDecay: 5e-4 },
      { params: parameters.filter((p) => p.rank <= 1), weightDecay: 0 },
    ],
    settings,
  );
}

/** From a tenth of the peak up to it over a fifth of the steps, then down to 0: both in straight lines. */
export const scheduleOf = ({ peakLr }: ImageRecipe, steps: number): Schedule => ({
  getLr(step) {
    const warm = 0.2 * steps;
    if (step < warm) return peakLr * (0.1 + (0.9 * step) / warm);
    return (peakLr * Math.max(0, steps - step)) / (steps - warm);
  },
});
