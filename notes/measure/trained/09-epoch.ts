import { pictures } from "../../../examples/lib/cifar-data.ts";
import { folderName, RECIPES } from "../../../examples/lib/cnn-recipes.ts";
import { trainImages } from "../../../examples/lib/image-classifier.ts";
import { report } from "../../lib/measure.ts";

/**
 * How long milestone 3's three convolutions train on this machine with nothing beside them: one epoch of the recipe, and what all of
 * them come to. Needs CIFAR-10.
 */
const seed = 1337;
const recipe = RECIPES.threeConv;
const { name, train } = await pictures(seed, false);
if (name !== "cifar10")
  throw new RangeError("09-epoch: needs CIFAR-10 — set TENSORGRAD_DATA to a folder with cifar-10/");
const { losses, seconds } = await trainImages(recipe, train(recipe.augmentation), { seed, epochs: 1 });
report({
  ...{ training: folderName(recipe, name, seed), epochs: recipe.epochs, steps: losses.length },
  ...{ secondsPerEpoch: seconds, minutes: (recipe.epochs * seconds) / 60 },
});
