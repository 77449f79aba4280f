import {
  checked,
  counted,
  defaultRandom,
  expectArgument,
  isList,
  Printed,
  type Random,
  ShapeError,
  settings,
  show,
} from "../../00-runtime/index.ts";
import { zeros } from "../../01-tensor/index.ts";
import type { Batch } from "../../07-training/index.ts";
import { checkIndices, type Dataset } from "../dataset.ts";
import { type ExampleRandom, exampleRandom } from "../loading/pass.ts";
import { checkUnchanged, type Recipe, shared } from "../loading/recipe.ts";
import { sizeOf, type Transform } from "../transforms/transform.ts";

/** Options of `ImageDataset`. */
export interface ImageOptions {
  /** Shape of one image: `[1, 28, 28]` for convolutions, `[784]` for linear layers. */
  readonly shape?: readonly number[];
  /** Subtracted from every pixel, which runs from 0 to 1: one number, or one for each channel. */
  readonly mean?: number | readonly number[];
  /** Divides every pixel after that. */
  readonly std?: number | readonly number[];
  /** Applied last, to each image on its own. */
  readonly transform?: Transform | undefined;
}

/** Names of these options, all but the shape. */
export const IMAGE_OPTIONS = ["mean", "std", "transform"] as const;

/**
 * Labelled images kept as bytes, a quarter of what float32 would take; they become numbers when a batch is made:
 *
 *   x = transform((byte / 255 − mean) / std)
 *
 * There are only 256 results per channel, so all but the transform is one look-up per pixel.
 *
 * Shapes  batches x [B, ...shape] float32 (the shape that the transform gives), y [B] int32
 * Memory  nothing on the tensor heap but the batches
 */
export abstract class LabelledImages extends Printed implements Dataset {
  /** Shape of one image before the transform. */
  readonly shape: readonly number[];
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
  readonly transform: Transform | undefined;
  /** Numbers of one image, before and after the transform. */
  protected readonly size: number;
  readonly #outputShape: readonly number[];
  /** What each byte becomes: 256 numbers per channel, or 256 for all. */
  readonly #values: Float32Array;
  readonly #scratch: Float32Array;

  constructor(options: ImageOptions) {
    const {
      shape = [],
      mean = 0,
      std = 1,
      transform,
    } = checked(new.target.name, options, ["shape", ...IMAGE_OPTIONS]);
    super();
    [this.shape, this.mean, this.std, this.transform] = [shape, mean, std, transform];
    this.size = sizeOf(shape);
    this.#values = valuesOf(this.constructor.name, shape, [mean].flat(), [std].flat());
    this.#outputShape = transform?.outputShape(shape) ?? shape;
    this.#scratch = new Float32Array(transform ? this.size : 0);
  }

  abstract get length(): number;

  /** The bytes of image `i`, 0 = black; not to be written to, and valid until the next call. */
  abstract pixels(i: number): Uint8Array;

  /** The class of image `i`. */
  abstract label(i: number): number;

  abstract recipe(): Recipe;

  get randomized(): boolean {
    return this.transform?.randomized ?? false;
  }

  get(i: number, random?: Random): Batch {
    const { x, y } = this.batch([i], random && (() => random));
    return { x: x.select(0, 0), y: y.select(0, 0) };
  }

  batch(indices: ArrayLike<number>, random?: ExampleRandom): Batch {
    const { transform } = this;
    checkIndices(`${this.constructor.name}.batch`, indices, this.length);
    const x = zeros([indices.length, ...this.#outputShape]);
    const y = zeros([indices.length], { dtype: "int32" });
    const [numbers, classes] = [x.data as Float32Array, y.data];
    const draw = transform ? (random ?? exampleRandom(this.#seed(), 0)) : null;
    const size = sizeOf(this.#outputShape);
    for (let k = 0; k < indices.length; k++) {
      const pixels = this.pixels(indices[k]);
      const image = part(numbers, k, size);
      this.#decode(pixels, transform ? this.#scratch : image);
      const place = { index: indices[k], pass: draw?.pass ?? 0 };
      if (transform && draw) transform.write(this.#scratch, this.shape, image, draw(k), place);
      classes[k] = this.label(indices[k]);
    }
    return { x, y };
  }

  /** The options of this data set, for another one with the same images. */
  protected get options(): ImageOptions {
    const { shape, mean, std, transform } = this;
    return { shape, mean, std, transform };
  }

  #seed(): number {
    return this.randomized ? defaultRandom.integer(2 ** 32) : 0;
  }

  /** Views that start at 0 spare an addition and a check of bounds per pixel. */
  #decode(bytes: Uint8Array, to: Float32Array): void {
    const channels = this.#values.length / 256;
    const plane = bytes.length / channels;
    for (let c = 0; c < channels; c++) {
      const values = channels === 1 ? this.#values : this.#values.subarray(c * 256, (c + 1) * 256);
      const [from, numbers] = channels === 1 ? [bytes, to] : [part(bytes, c, plane), part(to, c, plane)];
      for (let i = 0; i < from.length; i++) numbers[i] = values[from[i]];
    }
  }

  protected override describe(): string {
    return `${counted(this.length, "image")}, ${settings(this.options)}`;
  }
}

/** Of the options of a loader, those of the images: not where its files are. */
export function ofImages({ shape, mean, std, transform }: ImageOptions): ImageOptions {
  const all = { shape, mean, std, transform };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The k-th of equal parts. */
function part<A extends Uint8Array | Float32Array>(array: A, k: number, size: number): A {
  return array.subarray(k * size, (k + 1) * size) as A;
}

/**
 * Labelled images in memory, one byte per pixel.
 *
 *   new ImageDataset(bytes, labels, { shape: [3, 32, 32], transform: new RandomHorizontalFlip() })
 *
 * Shapes  images [N · size], labels [N] → batches as for LabelledImages
 * Throws  ShapeError unless there is one image per label
 */
export class ImageDataset extends LabelledImages {
  #images: Uint8Array;
  #labels: Uint8Array;

  constructor(images: Uint8Array, labels: Uint8Array, options: ImageOptions = {}) {
    checked(new.target.name, options, ["shape", ...IMAGE_OPTIONS]);
    for (const [name, bytes] of Object.entries({ images, labels }))
      expectArgument(isList(bytes), new.target.name, name, bytes, "a Uint8Array");
    super({ ...options, shape: options.shape ?? [images.length / (labels.length || 1)] });
    if (!Number.isInteger(this.size) || images.length !== labels.length * this.size) {
      throw new ShapeError(
        `ImageDataset: ${images.length} bytes, ${labels.length} labels, shape ${show(this.shape)} — ` +
          `${labels.length} images of that shape take ${labels.length * this.size} bytes`,
      );
    }
    [this.#images, this.#labels] = [images, labels];
  }

  get length(): number {
    return this.#labels.length;
  }

  /** All images, one byte for each number, in the order of `shape`. */
  get images(): Uint8Array {
    return this.#images;
  }

  /** The class of every image. */
  get labels(): Uint8Array {
    return this.#labels;
  }

  pixels(i: number): Uint8Array {
    checkIndices("ImageDataset.pixels", [i], this.length);
    return this.#images.subarray(i * this.size, (i + 1) * this.size);
  }

  label(i: number): number {
    return this.#labels[i];
  }

  /** The first `count` images (all, if there are fewer); nothing is copied. */
  take(count: number): ImageDataset {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`ImageDataset.take: ${count} images — the number is an integer ≥ 0`);
    }
    const [images, labels] = [this.#images.subarray(0, count * this.size), this.#labels.subarray(0, count)];
    return new ImageDataset(images, labels, this.options);
  }

  /** The same images with other options, such as a transform for training and none for validation. */
  with(options: ImageOptions): ImageDataset {
    return new ImageDataset(this.#images, this.#labels, { ...this.options, ...options });
  }

  recipe(): Recipe {
    checkUnchanged(this, ImageDataset);
    [this.#images, this.#labels] = [shared(this.#images), shared(this.#labels)];
    return { export: "ImageDataset", arguments: [this.#images, this.#labels, this.options] };
  }
}

function valuesOf(
  call: string,
  shape: readonly number[],
  mean: readonly number[],
  std: readonly number[],
): Float32Array {
  if (![...mean, ...std].every(Number.isFinite) || !std.every((value) => value > 0)) {
    throw new RangeError(
      `${call}: mean ${mean}, std ${std} — both must be finite and std above 0; pixels run from 0 to 1`,
    );
  }
  const rows = Math.max(mean.length, std.length);
  for (const { length } of [mean, std]) {
    if (length === 1 || (length === rows && length === shape[0])) continue;
    throw new ShapeError(
      `${call}: mean ${show(mean)}, std ${show(std)}, shape ${show(shape)} — one number for all pixels, or one for ` +
        `each of the ${shape[0]} channels`,
    );
  }
  const [means, stds] = [mean, std].map((values) => (row: number) => values[values.length === 1 ? 0 : row]);
  return Float32Array.from({ length: rows * 256 }, (_, i) => {
    const row = Math.floor(i / 256);
    return ((i % 256) / 255 - means(row)) / stds(row);
  });
}
