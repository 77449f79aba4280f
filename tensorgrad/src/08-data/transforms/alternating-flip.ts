import { checked, Random } from "../../00-runtime/index.ts";
import { checkUnchanged, type Recipe } from "../loading/recipe.ts";
import { checkImage, type Place, Transform } from "./transform.ts";

/** Options of `AlternatingFlip`. */
export interface AlternatingFlipOptions {
  /** Decides which images begin mirrored. */
  readonly seed?: number;
}

/**
 * Mirrors left and right in every other pass: a random half of the images begins as it is, the other half mirrored. Two passes
 * show every image both ways, where coins of `RandomHorizontalFlip` show half of them one way twice.
 *
 * Shapes  [C, H, W] → [C, H, W]
 * Source  Jordan 2024, 94% on CIFAR-10 in 3.29 seconds on a single GPU
 */
export class AlternatingFlip extends Transform {
  readonly seed: number;

  constructor(options: AlternatingFlipOptions = {}) {
    const { seed = 0 } = checked("AlternatingFlip", options, ["seed"]);
    super();
    if (!Number.isSafeInteger(seed) || seed < 0 || seed >= 2 ** 32)
      throw new RangeError(`AlternatingFlip: seed ${seed} — an integer from 0 to 2^32 - 1`);
    this.seed = seed;
  }

  override get randomized(): boolean {
    return true;
  }

  outputShape(shape: readonly number[]): readonly number[] {
    checkImage("AlternatingFlip", shape);
    return shape;
  }

  write(
    from: Float32Array,
    shape: readonly number[],
    to: Float32Array,
    _: Random,
    { index, pass }: Place,
  ): void {
    const width = shape[2];
    if (this.#begins(index) === (pass % 2 === 0)) {
      for (let row = 0; row < from.length; row += width) {
        for (let x = 0; x < width; x++) to[row + x] = from[row + width - 1 - x];
      }
    } else to.set(from);
  }

  /** Whether image `index` is mirrored in the first pass. */
  #begins(index: number): boolean {
    const random = new Random(this.seed);
    random.state = { seed: this.seed, position: index };
    return random.uniform() < 0.5;
  }

  recipe(): Recipe {
    checkUnchanged(this, AlternatingFlip);
    return { export: "AlternatingFlip", arguments: [{ seed: this.seed }] };
  }
}
