import type { Random } from "../../00-runtime/index.ts";
import { checkUnchanged, type Recipe } from "../loading/recipe.ts";
import { checkImage, Transform } from "./transform.ts";

/**
 * Covers a square of `size` pixels around a random place with zeros: the mean, where images are normalised. The square may reach
 * over the edge, so that every pixel is covered equally often. A model then cannot rely on one detail.
 *
 * Shapes  [C, H, W] → [C, H, W]
 * Throws  RangeError unless size is an integer ≥ 0
 * Source  DeVries & Taylor 2017, Improved regularization of convolutional neural networks with cutout
 */
export class Cutout extends Transform {
  readonly size: number;

  constructor(size: number) {
    super();
    if (!Number.isInteger(size) || size < 0)
      throw new RangeError(`Cutout: size ${size} — the square's side is an integer ≥ 0, in pixels`);
    this.size = size;
  }

  override get randomized(): boolean {
    return true;
  }

  outputShape(shape: readonly number[]): readonly number[] {
    checkImage("Cutout", shape);
    return shape;
  }

  write(
    from: Float32Array,
    [channels, height, width]: readonly number[],
    to: Float32Array,
    random: Random,
  ): void {
    const half = Math.floor(this.size / 2);
    const [top, left] = [random.integer(height) - half, random.integer(width) - half];
    const [first, last] = [Math.max(0, left), Math.min(width, left + this.size)];
    to.set(from);
    for (let c = 0; c < channels; c++) {
      for (let y = Math.max(0, top); y < Math.min(height, top + this.size); y++) {
        const row = (c * height + y) * width;
        if (first < last) to.fill(0, row + first, row + last);
      }
    }
  }

  recipe(): Recipe {
    checkUnchanged(this, Cutout);
    return { export: "Cutout", arguments: [this.size] };
  }

  protected override describe(): string {
    return `${this.size}`;
  }
}
