import { checked, expectArgument, isList, type Random, ShapeError, show } from "../../00-runtime/index.ts";
import { checkUnchanged, type Recipe } from "../loading/recipe.ts";
import { checkImage, Transform } from "./transform.ts";

/** Options of `RandomCrop`. */
export interface RandomCropOptions {
  /** Pixels added on each side before, so that the crop may reach over the edge. */
  readonly padding?: number;
  /** What they are: zeros, or the image in a mirror at its edge (the edge itself is not repeated). */
  readonly paddingMode?: "zeros" | "reflect";
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
  readonly paddingMode: "zeros" | "reflect";

  constructor(size: number | readonly [number, number], options: RandomCropOptions = {}) {
    const { padding = 0, paddingMode = "zeros" } = checked("RandomCrop", options, ["padding", "paddingMode"]);
    super();
    expectArgument(
      typeof size === "number" || isList(size),
      "RandomCrop",
      "size",
      size,
      "a number, or [height, width]",
    );
    this.size = typeof size === "number" ? [size, size] : size;
    [this.padding, this.paddingMode] = [padding, paddingMode];
    if (paddingMode !== "zeros" && paddingMode !== "reflect")
      throw new TypeError(`RandomCrop: paddingMode "${paddingMode}" — modes are "zeros" and "reflect"`);
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
    if (this.paddingMode === "reflect" && this.padding >= Math.min(height, width))
      throw new ShapeError(
        `RandomCrop: image ${show(shape)}, padding ${this.padding} — a mirror at the edge shows at most ` +
          `${Math.min(height, width) - 1} pixels; lower padding, or use paddingMode "zeros"`,
      );
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
    const copy = this.paddingMode === "reflect" ? mirrored : w === width ? shift : cut;
    if (copy !== mirrored) to.fill(0);
    for (let c = 0; c < channels; c++) {
      const plane = from.subarray(c * height * width, (c + 1) * height * width);
      copy(plane, width, to.subarray(c * h * w, (c + 1) * h * w), w, top, left);
    }
  }

  recipe(): Recipe {
    checkUnchanged(this, RandomCrop);
    return {
      export: "RandomCrop",
      arguments: [this.size, { padding: this.padding, paddingMode: this.paddingMode }],
    };
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
// exercise: crop-find-wrap
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

/** A window over the edge, beyond which the plane stands in a mirror. */
function mirrored(
  from: Float32Array,
  width: number,
  to: Float32Array,
  w: number,
  top: number,
  left: number,
): void {
  const height = from.length / width;
  const columns = Int32Array.from({ length: w }, (_, x) => reflected(x + left, width));
  for (let y = 0, at = 0; at < to.length; y++) {
    const row = reflected(y + top, height) * width;
    for (let x = 0; x < w; x++) to[at++] = from[row + columns[x]];
  }
}

/** −1 → 1, n → n − 2 */
const reflected = (i: number, n: number): number => (i < 0 ? -i : i < n ? i : 2 * n - 2 - i);
