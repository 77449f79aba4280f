import { type Random, ShapeError, show } from "../../00-runtime/index.ts";
import { checkUnchanged, type Recipe } from "../loading/recipe.ts";
import { checkImage, sizeOf, Transform } from "./transform.ts";

export interface NormalizeOptions {
  /** One number, or one for each channel. */
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
}

/**
 * Brings every channel to mean 0 and deviation 1, if its own are `mean` and `std`: y = (x − mean) / std.
 *
 * Shapes  [C, …] → [C, …]
 * Throws  RangeError if a std is not above 0 or a number not finite, ShapeError for another number of channels
 */
export class Normalize extends Transform {
  readonly mean: readonly number[];
  readonly std: readonly number[];

  constructor({ mean, std }: NormalizeOptions) {
    super();
    [this.mean, this.std] = [[mean].flat(), [std].flat()];
    if (![...this.mean, ...this.std].every(Number.isFinite) || !this.std.every((value) => value > 0)) {
      throw new RangeError(
        `Normalize: mean ${mean}, std ${std} — all must be finite and std above 0; pixels run from 0 to 1`,
      );
    }
  }

  outputShape(shape: readonly number[]): readonly number[] {
    for (const values of [this.mean, this.std]) {
      if (values.length === 1 || values.length === shape[0]) continue;
      throw new ShapeError(
        `Normalize: image ${show(shape)}, mean ${show(this.mean)}, std ${show(this.std)} — one number for all, or one ` +
          `for each of the ${shape[0]} channels`,
      );
    }
    return shape;
  }

  write(from: Float32Array, [channels]: readonly number[], to: Float32Array): void {
    const plane = from.length / channels;
    for (let c = 0; c < channels; c++) {
      const mean = this.mean[this.mean.length === 1 ? 0 : c];
      const std = this.std[this.std.length === 1 ? 0 : c];
      for (let i = c * plane; i < (c + 1) * plane; i++) to[i] = (from[i] - mean) / std;
    }
  }

  recipe(): Recipe {
    checkUnchanged(this, Normalize);
    return { export: "Normalize", arguments: [{ mean: this.mean, std: this.std }] };
  }
}

export interface RandomCropOptions {
  /** Zeros added on each side before, so that the crop may reach over the edge. */
  readonly padding?: number;
}

/**
 * A window at a random place: the image moves a little, and the model learns that this does not matter.
 *
 * Shapes  [C, H, W] → [C, h, w] for `size` [h, w]; [C, size, size] for a number
 * Throws  RangeError for a size or padding that is none, ShapeError if the window exceeds the padded image
 */
export class RandomCrop extends Transform {
  readonly size: readonly [height: number, width: number];
  readonly padding: number;

  constructor(size: number | readonly [number, number], { padding = 0 }: RandomCropOptions = {}) {
    super();
    this.size = typeof size === "number" ? [size, size] : size;
    this.padding = padding;
    const valid = this.size.length === 2 && this.size.every((n) => Number.isInteger(n) && n > 0);
    if (!valid || !Number.isInteger(padding) || padding < 0) {
      throw new RangeError(
        `RandomCrop: size ${size}, padding ${padding} — size is an integer ≥ 1 or [height, width], padding an integer ≥ 0`,
      );
    }
  }

  override get randomized(): boolean {
    return true;
  }

  outputShape(shape: readonly number[]): readonly number[] {
    checkImage("RandomCrop", shape);
    const [channels, height, width] = shape;
    const [h, w] = this.size;
    if (h > height + 2 * this.padding || w > width + 2 * this.padding) {
      throw new ShapeError(
        `RandomCrop: size ${show(this.size)}, image ${show(shape)}, padding ${this.padding} — the window must fit into ` +
          `the padded image, ${height + 2 * this.padding}×${width + 2 * this.padding}; lower size or raise padding`,
      );
    }
    return [channels, h, w];
  }

  write(
    from: Float32Array,
    [channels, height, width]: readonly number[],
    to: Float32Array,
    random: Random,
  ): void {
    const { padding } = this;
    const [h, w] = this.size;
    const top = random.integer(height + 2 * padding - h + 1) - padding;
    const left = random.integer(width + 2 * padding - w + 1) - padding;
    const copy = w === width ? shift : cut;
    to.fill(0);
    for (let c = 0; c < channels; c++) {
      const plane = from.subarray(c * height * width, (c + 1) * height * width);
      copy(plane, width, to.subarray(c * h * w, (c + 1) * h * w), w, top, left);
    }
  }

  recipe(): Recipe {
    checkUnchanged(this, RandomCrop);
    return { export: "RandomCrop", arguments: [this.size, { padding: this.padding }] };
  }
}

/** A window of another width than the plane, row by row; what lies outside of the plane stays 0. */
function cut(
  from: Float32Array,
  width: number,
  to: Float32Array,
  w: number,
  top: number,
  left: number,
): void {
  const [height, h] = [from.length / width, to.length / w];
  const [begin, end] = [Math.max(0, -left), Math.min(w, width - left)];
  for (let y = Math.max(0, -top); y < Math.min(h, height - top); y++) {
    let source = (y + top) * width + left + begin;
    for (let at = y * w + begin; at < y * w + end; at++) to[at] = from[source++];
  }
}

/** A window of the same width: rows follow each other as they did, so it is one copy, less what came around an edge. */
function shift(
  from: Float32Array,
  width: number,
  to: Float32Array,
  _: number,
  top: number,
  left: number,
): void {
  const by = top * width + left;
  const [begin, end] = [Math.max(0, -by), Math.min(to.length, from.length - by)];
  if (begin < end) to.set(from.subarray(begin + by, end + by), begin);
  const [first, last] = left < 0 ? [0, -left] : [width - left, width];
  for (let row = 0; row < to.length; row += width) {
    for (let x = first; x < last; x++) to[row + x] = 0;
  }
}

/**
 * Mirrors left and right with probability `p`: most things seen in a mirror are what they were, digits are not.
 *
 * Shapes  [C, H, W] → [C, H, W]
 * Throws  RangeError if p is not between 0 and 1
 */
export class RandomHorizontalFlip extends Transform {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) throw new RangeError(`RandomHorizontalFlip: p ${p} — a probability from 0 to 1`);
    this.p = p;
  }

  override get randomized(): boolean {
    return true;
  }

  outputShape(shape: readonly number[]): readonly number[] {
    checkImage("RandomHorizontalFlip", shape);
    return shape;
  }

  write(from: Float32Array, shape: readonly number[], to: Float32Array, random: Random): void {
    const width = shape[2];
    if (random.uniform() >= this.p) {
      to.set(from);
      return;
    }
    for (let row = 0; row < from.length; row += width) {
      for (let x = 0; x < width; x++) to[row + x] = from[row + width - 1 - x];
    }
  }

  recipe(): Recipe {
    checkUnchanged(this, RandomHorizontalFlip);
    return { export: "RandomHorizontalFlip", arguments: [this.p] };
  }
}

/**
 * One transform after the other; random ones draw in this order.
 *
 *   new Compose([new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip(), new Normalize(CIFAR10.statistics)])
 */
export class Compose extends Transform {
  readonly transforms: readonly Transform[];
  /** What lies between two transforms: used again for the next image. */
  #between: Float32Array[] = [];

  constructor(transforms: readonly Transform[]) {
    super();
    const wrong = transforms.findIndex((transform) => !(transform instanceof Transform));
    if (wrong >= 0) {
      throw new TypeError(
        `Compose: entry ${wrong} is ${typeof transforms[wrong]} — expected transforms, such as new RandomCrop(32)`,
      );
    }
    this.transforms = transforms;
  }

  override get randomized(): boolean {
    return this.transforms.some((transform) => transform.randomized);
  }

  outputShape(shape: readonly number[]): readonly number[] {
    return this.transforms.reduce((current, transform) => transform.outputShape(current), shape);
  }

  write(from: Float32Array, shape: readonly number[], to: Float32Array, random: Random): void {
    if (this.transforms.length === 0) to.set(from);
    let [current, currentShape] = [from, shape];
    this.transforms.forEach((transform, i) => {
      const next = transform.outputShape(currentShape);
      const target = i === this.transforms.length - 1 ? to : this.#buffer(i, sizeOf(next));
      transform.write(current, currentShape, target, random);
      [current, currentShape] = [target, next];
    });
  }

  #buffer(i: number, size: number): Float32Array {
    if (this.#between[i]?.length !== size) this.#between[i] = new Float32Array(size);
    return this.#between[i];
  }

  recipe(): Recipe {
    checkUnchanged(this, Compose);
    return { export: "Compose", arguments: [this.transforms] };
  }
}
