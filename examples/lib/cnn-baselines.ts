import { Conv2d, Flatten, Linear, ReLU } from "tensorgrad/nn";
import { build, type ImageRecipe } from "./cnn-recipes.ts";
import { parameterCount } from "./image-classifier.ts";

/** A network without convolutions that has about as many parameters: pixels → hidden → 10. */
export function mlpOfEqualSize(recipe: ImageRecipe): ImageRecipe {
  const hidden = Math.round((parameterCount(build(recipe)) - 10) / (3 * 32 * 32 + 1 + 10));
  return {
    name: `MLP 3072-${hidden}-10`,
    epochs: recipe.epochs,
    augmentation: recipe.augmentation,
    peakLr: recipe.peakLr / 10, // nothing normalises its activations: at the other's rate its loss becomes infinite
    layers: () => [new Flatten(), new Linear(3072, hidden), new ReLU(), new Linear(hidden, 10)],
  };
}

/** The same network with the random filters that it began with: only normalisation and the last layer learn. */
export const frozen = (recipe: ImageRecipe): ImageRecipe => ({
  ...recipe,
  name: `${recipe.name}, filters frozen`,
  layers: () => {
    const layers = recipe.layers();
    for (const layer of layers) if (layer instanceof Conv2d) layer.weight.requiresGrad = false;
    return layers;
  },
});

/** How the filters of every convolution moved: whether each of them received a gradient in a step on these images. */
export interface FilterGradients {
  readonly filters: number;
  readonly idle: number;
}

export function filterGradients(convolutions: readonly Conv2d[]): FilterGradients {
  const norms = convolutions.flatMap(({ weight }) => {
    const { grad } = weight;
    return grad ? [...grad.square().sum([1, 2, 3]).data] : new Array<number>(weight.shape[0]).fill(0);
  });
  return { filters: norms.length, idle: norms.filter((norm) => norm === 0).length };
}
