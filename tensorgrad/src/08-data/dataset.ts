import {
  expectArgument,
  isList,
  type Random,
  ShapeError,
  scope,
  show,
  type TypedArray,
} from "../00-runtime/index.ts";
import { Tensor, type TensorData } from "../01-tensor/index.ts";
import type { Batch } from "../07-training/index.ts";
import type { ExampleRandom } from "./loading/pass.ts";
import type { Recipe } from "./loading/recipe.ts";

/** One example: numbers, lists or typed arrays become tensors (float32, or the typed array's own type). */
export interface Sample {
  readonly x: Tensor | TensorData;
  readonly y: Tensor | TensorData;
}

/**
 * Examples by number.
 *
 * `get` and `batch` run in a scope of their own: tensors they make live until the loader has used them.
 */
export interface Dataset {
  readonly length: number;
  /** Whether examples are drawn anew in every pass (augmentation). Only then does a loader pass a generator. */
  readonly randomized?: boolean;
  /** Sample number i; what is random about it is drawn from `random`. */
  get(i: number, random?: Random): Sample;
  /** Where a whole batch can be put together faster than example by example; `random(k)` draws for its k-th. */
  batch?(indices: ArrayLike<number>, random?: ExampleRandom): Batch;
  /** How a loader's workers make the same data set. */
  recipe?(): Recipe;
}

/** A data set is neither on this machine nor to be had from the network. */
export class DataNotFoundError extends Error {
  override name = "DataNotFoundError";
}

/**
 * Puts examples together into one batch.
 *
 * Shapes  x [...], y [...] per example → x [B, ...], y [B, ...]
 * Throws  ShapeError naming the first example whose shape or dtype differs from the first one's
 */
export function collate(samples: readonly Sample[]): Batch {
  expectArgument(Array.isArray(samples), "collate", "samples", samples, "a list of { x, y }");
  if (samples.length === 0) throw new RangeError("collate: no examples — a batch needs at least one");
  return { x: stack("x", samples), y: stack("y", samples) };
}

export function checkIndices(call: string, indices: ArrayLike<number>, length: number): void {
  expectArgument(isList(indices), call, "indices", indices, "a list of integers");
  for (let k = 0; k < indices.length; k++) {
    const i = indices[k];
    if (Number.isInteger(i) && i >= 0 && i < length) continue;
    const rule = length === 0 ? "the data set is empty" : `indices go from 0 to ${length - 1}`;
    throw new RangeError(`${call}: index ${i} — ${rule}`);
  }
}

// exercise: data-collate
function stack(field: keyof Sample, samples: readonly Sample[]): Tensor {
  using temporaries = scope();
  const parts = samples.map((sample) => asTensor(sample[field]));
  const [{ shape, dtype }] = parts;
  const all = temporaries.keep(parts[0].newEmpty([parts.length, ...shape]));
  const to: TypedArray = all.data;
  parts.forEach((part, i) => {
    if (show(part.shape) !== show(shape) || part.dtype !== dtype) {
      throw new ShapeError(
        `collate: ${field} of example ${i} is ${part.dtype} ${show(part.shape)}, of example 0 ${dtype} ${show(shape)} — ` +
          "all examples of a batch need one shape and dtype; pad or crop them, or give the loader a { collate }",
      );
    }
    to.set(part.data, i * part.size);
  });
  return all;
}

const asTensor = (value: Tensor | TensorData): Tensor =>
  value instanceof Tensor ? value : new Tensor(value);
