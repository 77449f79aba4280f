import { ShapeError, show } from "../00-runtime/index.ts";
import { type Tensor, zeros } from "../01-tensor/index.ts";
import type { Batch } from "../07-training/index.ts";
import { checkIndices, type Dataset } from "./dataset.ts";

export interface ImageOptions {
  /** Shape of one image in a batch: `[1, 28, 28]` for convolutions, `[784]` for linear layers. */
  readonly shape?: readonly number[];
  /** Subtracted from every pixel, which runs from 0 to 1. */
  readonly mean?: number;
  /** Divides every pixel after that. */
  readonly std?: number;
}

/**
 * Labelled images kept as bytes, a quarter of what float32 would take; they become numbers when a batch is made:
 *
 *   x = (byte / 255 − mean) / std
 *
 * There are only 256 results, so a batch is one look-up per pixel.
 *
 * Shapes  images [N · size], labels [N] → batches x [B, ...shape] float32, y [B] int32
 * Memory  nothing on the tensor heap but the batches
 */
export class ImageDataset implements Dataset {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
  /** Shape of one image. */
  readonly shape: readonly number[];
  readonly mean: number;
  readonly std: number;
  #size: number;
  #value: Float32Array;

  constructor(images: Uint8Array, labels: Uint8Array, { shape, mean = 0, std = 1 }: ImageOptions = {}) {
    shape ??= [images.length / (labels.length || 1)];
    const size = shape.reduce((product, n) => product * n, 1);
    if (!Number.isInteger(size) || images.length !== labels.length * size) {
      throw new ShapeError(
        `ImageDataset: ${images.length} bytes, ${labels.length} labels, shape ${show(shape)} — ` +
          `${labels.length} images of that shape take ${labels.length * size} bytes`,
      );
    }
    if (!(std > 0 && Number.isFinite(std) && Number.isFinite(mean))) {
      throw new RangeError(
        `ImageDataset: mean ${mean}, std ${std} — both must be finite and std above 0; pixels run from 0 to 1`,
      );
    }
    [this.images, this.labels, this.shape, this.mean, this.std] = [images, labels, shape, mean, std];
    this.#size = size;
    this.#value = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / std);
  }

  get length(): number {
    return this.labels.length;
  }

  get(i: number): Batch {
    const { x, y } = this.batch([i]);
    return { x: x.select(0, 0), y: y.select(0, 0) };
  }

  batch(indices: ArrayLike<number>): Batch {
    checkIndices("ImageDataset.batch", indices, this.length);
    const x = zeros([indices.length, ...this.shape]);
    const y = zeros([indices.length], { dtype: "int32" });
    this.#fill(x, y, indices);
    return { x, y };
  }

  /** The bytes of image `i`: 0 = paper, 255 = ink. */
  pixels(i: number): Uint8Array {
    checkIndices("ImageDataset.pixels", [i], this.length);
    return this.images.subarray(i * this.#size, (i + 1) * this.#size);
  }

  /** The first `count` images (all, if there are fewer); nothing is copied. */
  take(count: number): ImageDataset {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`ImageDataset.take: ${count} images — the number is an integer ≥ 0`);
    }
    return new ImageDataset(
      this.images.subarray(0, count * this.#size),
      this.labels.subarray(0, count),
      this,
    );
  }

  #fill(x: Tensor, y: Tensor, indices: ArrayLike<number>): void {
    const [size, value, bytes] = [this.#size, this.#value, this.images];
    const [pixels, labels] = [x.data, y.data];
    for (let k = 0, to = 0; k < indices.length; k++) {
      const from = indices[k] * size;
      for (let i = 0; i < size; i++) pixels[to++] = value[bytes[from + i]];
      labels[k] = this.labels[indices[k]];
    }
  }
}
