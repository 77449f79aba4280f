import { progressDisplay } from "tensorgrad/train/node";
import { type Pictures, pictures } from "../../examples/lib/cifar-data.ts";
import { folderName, type ImageRecipe, threeConv } from "../../examples/lib/cnn-recipes.ts";
import { judgeImages, parameterCount, trainImages } from "../../examples/lib/image-classifier.ts";
import { report } from "../lib/measure.ts";

/**
 * The recipe of milestone 3 on a small network, 32-64-128: what it reaches on the test images, for three seeds; and how many
 * epochs are worth while, on 5,000 training images that are held back. The test images decide nothing. Needs CIFAR-10; goes on
 * where it was interrupted (`out/09-recipes`).
 */
const WIDTHS = [32, 64, 128] as const;
const SEEDS = [1, 2, 3];
const LENGTHS = [4, 8, 12];
const OUT = "out/09-recipes";

async function train(recipe: ImageRecipe, seed: number, data: Pictures, held: boolean) {
  using display = await progressDisplay();
  const parts = data.held(recipe.augmentation);
  const run = await trainImages(recipe, held ? parts.train : data.train(recipe.augmentation), {
    ...{ seed, onProgress: display.onProgress },
    folder: `${OUT}/${held ? "held-" : ""}${folderName(recipe, data.name, seed)}`,
    ...(held ? { validation: parts.validation } : {}),
  });
  if (run.stopped !== null) process.exit(130);
  return run;
}

async function ofSeed(seed: number) {
  const data = await pictures(seed, false);
  if (data.name !== "cifar10")
    throw new RangeError("09-recipes: needs CIFAR-10 — set TENSORGRAD_DATA to a folder with cifar-10/");
  const { model, seconds } = await train(threeConv(WIDTHS, 8), seed, data, false);
  const { testAccuracy, testAccuracyFlip } = judgeImages(model, data.test);
  return { seed, testAccuracy, testAccuracyFlip, seconds, parameters: parameterCount(model) };
}

/** Every length has a schedule of its own, whose rate ends at 0. */
async function ofLength(epochs: number) {
  const run = await train(threeConv(WIDTHS, epochs), SEEDS[0], await pictures(SEEDS[0], false), true);
  return { epochs, validationAccuracy: run.epochs[epochs - 1].validationAccuracy, seconds: run.seconds };
}

const seeds = [];
for (const seed of SEEDS) seeds.push(await ofSeed(seed));
const lengths = [];
for (const epochs of LENGTHS) lengths.push(await ofLength(epochs));
report({ epochs: 8, seeds, worst: Math.min(...seeds.map(({ testAccuracy }) => testAccuracy)), lengths });
