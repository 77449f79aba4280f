import { can, checked, expectArgument, scope, show } from "../00-runtime/index.ts";
import { fromArray, type Tensor } from "../01-tensor/index.ts";
import type { Module, Parameter } from "../03-layers/index.ts";
import { checkSparsity } from "./checks.ts";
import { Masks } from "./masks.ts";

/** Options of `magnitudePrune`. */
export interface MagnitudePruneOptions {
  /** The share of the weights that goes. */
  readonly sparsity?: number;
  /** Whether weights compete in the whole model, or in each layer by itself. */
  readonly across?: "model" | "layer";
  /** Which parameters are pruned; default: those of two dims or more, which leaves biases, gains and norms alone. */
  readonly only?: (path: string, parameter: Parameter) => boolean;
}

type Named = readonly [path: string, parameter: Parameter];

/**
 * Removes the weights that are nearest to 0. They become 0 and stay it: see `Masks`.
 *
 *   removed: the round(sparsity·n) smallest |w| of n, the first ones where several are equal
 *
 * Across the model, layers with many small weights lose more than others; that keeps more accuracy than equal shares, and
 * may empty a layer (`measureSparsity` shows it). Nothing gets faster: the zeros are multiplied like all numbers.
 *
 * Returns   the masks: give them to the trainer, which must keep them
 * Cost      sorts n numbers
 * Throws    RangeError for a sparsity outside of [0, 1), for a model without such weights, and for weights that are NaN
 * Source    Han et al. 2015, Learning both weights and connections; Zhu & Gupta 2017, To prune, or not to prune
 */
export function magnitudePrune(model: Module, options: MagnitudePruneOptions = {}): Masks {
  expectArgument(
    can(model, "modules"),
    "magnitudePrune",
    "model",
    model,
    "a Module, such as new Sequential(…)",
  );
  const {
    sparsity = 0.9,
    across = "model",
    only = (_, p) => p.rank >= 2,
  } = checked<MagnitudePruneOptions>("magnitudePrune", options, ["sparsity", "across", "only"]);
  checkSparsity("magnitudePrune", "sparsity", sparsity);
  if (across !== "model" && across !== "layer")
    throw new RangeError(`magnitudePrune: across ${JSON.stringify(across)} — "model" or "layer"`);
  const weights = model.namedParameters().filter(([path, p]) => only(path, p));
  checkWeights(model, weights);
  using _ = scope();
  const groups = across === "model" ? [weights] : weights.map((one) => [one]);
  return new Masks(model, Object.fromEntries(groups.flatMap((group) => masksOf(group, sparsity))));
}

function checkWeights(model: Module, weights: readonly Named[]): void {
  if (weights.every(([, p]) => p.size === 0))
    throw new RangeError(
      `magnitudePrune: ${model.constructor.name} has no weights to prune — parameters of two dims or more, or those that ` +
        "`only` chooses",
    );
  const wrong = weights.find(([, p]) => p.data.some(Number.isNaN));
  if (wrong)
    throw new RangeError(
      `magnitudePrune: "${wrong[0]}" ${show(wrong[1].shape)} has weights that are NaN — they are neither small nor large; ` +
        "go back to a checkpoint from before the loss diverged",
    );
}

/** Which weights stay, where all of a group compete. */
// exercise: prune-magnitude
function masksOf(group: readonly Named[], sparsity: number): [path: string, mask: Tensor][] {
  const sizes = group.flatMap(([, p]) => Array.from(p.data, Math.abs));
  const count = Math.min(Math.round(sparsity * sizes.length), sizes.length - 1);
  const limit = Float64Array.from(sizes).sort()[count]; // the smallest that stays
  // Of several that are equal to the limit, the first ones go, so that the count is exact.
  let ties = count - sizes.filter((size) => size < limit).length;
  return group.map(([path, p]) => {
    const stays = Uint8Array.from(p.data, (w) => {
      const size = Math.abs(w);
      return size > limit || (size === limit && ties-- <= 0) ? 1 : 0;
    });
    return [path, fromArray(stays, p.shape)];
  });
}
