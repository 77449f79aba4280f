import { checked, expectArgument, type Random, ShapeError, show } from "../../00-runtime/index.ts";
import { checkUnchanged, type Recipe } from "../loading/recipe.ts";
import { checkImage, type Place, sizeOf, Transform } from "./transform.ts";

/** Options of `Normalize`. */
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

  constructor(options: NormalizeOptions) {
    const { mean, std } = checked("Normalize", options, ["mean", "std"]);
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

  protected override describe(): string {
    return `${this.p}`;
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
    expectArgument(
      Array.isArray(transforms),
      "Compose",
      "transforms",
      transforms,
      "a list: [new RandomCrop(32)]",
    );
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

  write(from: Float32Array, shape: readonly number[], to: Float32Array, random: Random, place: Place): void {
    if (this.transforms.length === 0) to.set(from);
    let [current, currentShape] = [from, shape];
    this.transforms.forEach((transform, i) => {
      const next = transform.outputShape(currentShape);
      const target = i === this.transforms.length - 1 ? to : this.#buffer(i, sizeOf(next));
      transform.write(current, currentShape, target, random, place);
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

  protected override describe(): string {
    return this.transforms.join(", ");
  }
}
