import { checked, defaultRandom, Printed, type Random, ShapeError, show } from "../../00-runtime/index.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import { type ExampleRandom, exampleRandom } from "../loading/pass.ts";
import type { Recipe } from "../loading/recipe.ts";

/** Options of `Transform`. */
export interface ApplyOptions {
  readonly random?: Random;
}

/** Which image of the data set it is, and how many passes came before: for what must not be drawn anew each time. */
export interface Place {
  readonly index: number;
  readonly pass: number;
}

/**
 * A change to images, the same whether they come one by one, in batches, or in another thread.
 *
 * A subclass says what shape comes out and writes one image; what it draws, it draws from the generator given, which
 * belongs to this image alone.
 */
export abstract class Transform extends Printed {
  /** Whether it draws: a data set with such a transform shows each example anew in every pass. */
  get randomized(): boolean {
    return false;
  }

  /** Shape of what comes out for an image of `shape` [C, H, W]; throws if it cannot be transformed. */
  abstract outputShape(shape: readonly number[]): readonly number[];

  /** Writes the transformed `from` to all of `to`; the two never overlap. */
  abstract write(
    from: Float32Array,
    shape: readonly number[],
    to: Float32Array,
    random: Random,
    place: Place,
  ): void;

  /** How another thread makes it. */
  abstract recipe(): Recipe;

  /**
   * Transforms one image, or every image of a batch on its own.
   *
   * Shapes  x [C, H, W] or [N, C, H, W] → the same rank
   * Throws  ShapeError for another rank, TypeError for another dtype than float32
   */
  apply(x: Tensor, options: ApplyOptions = {}): Tensor {
    const { random = defaultRandom } = checked("Transform.apply", options, ["random"]);
    const { name } = this.constructor;
    if (x.rank !== 3 && x.rank !== 4) {
      throw new ShapeError(`${name}: image ${show(x.shape)} — expected [C, H, W], or a batch [N, C, H, W]`);
    }
    if (x.dtype !== "float32") {
      throw new TypeError(
        `${name}: image of dtype ${x.dtype} — pixels are float32; convert them: x.to("float32")`,
      );
    }
    const [count, shape] = x.rank === 3 ? [1, x.shape] : [x.shape[0], x.shape.slice(1)];
    const output = this.outputShape(shape);
    const y = x.newEmpty(x.rank === 3 ? output : [count, ...output]);
    const from = x.detach().contiguous().data as Float32Array;
    const seed = this.randomized ? random.integer(2 ** 32) : 0;
    transformAll(this, from, shape, y.data as Float32Array, exampleRandom(seed, 0));
    return y;
  }
}

/** Transforms images that lie one behind the other: those at `indices` of a data set. `random(k)` draws for the k-th. */
export function transformAll(
  transform: Transform,
  from: Float32Array,
  shape: readonly number[],
  to: Float32Array,
  random: ExampleRandom,
  indices?: ArrayLike<number>,
): void {
  const size = sizeOf(shape);
  const outputSize = sizeOf(transform.outputShape(shape));
  const count = outputSize === 0 ? 0 : to.length / outputSize; // a crop may make something of an empty image
  for (let k = 0; k < count; k++) {
    const image = from.subarray(k * size, (k + 1) * size);
    const place = { index: indices?.[k] ?? k, pass: random.pass ?? 0 };
    transform.write(image, shape, to.subarray(k * outputSize, (k + 1) * outputSize), random(k), place);
  }
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Throws  ShapeError unless `shape` is [C, H, W] */
export function checkImage(call: string, shape: readonly number[]): void {
  if (shape.length === 3) return;
  throw new ShapeError(
    `${call}: image ${show(shape)} — expected [C, H, W]: channels, height, width; give the data set that shape`,
  );
}
