import { checked, ShapeError, show } from "../../00-runtime/index.ts";
import { expectTensor, type Function, type Tensor } from "../../01-tensor/index.ts";
import type { Pair } from "../geometry.ts";
import { AveragePool } from "./average-pool.ts";
import { MaxPool } from "./max-pool.ts";
import type { PoolGrid } from "./pool-grid.ts";
import {
  adaptiveWindows,
  type OutputSize,
  type SlideOptions,
  say,
  slidesOf,
  slidingWindows,
} from "./windows.ts";

/**
 * The largest number of every window that slides over an image.
 *
 *   y[n, c, i, j] = max_{k, l} x[n, c, i·s + k·d − p, j·s + l·d − p]
 *
 * Shapes    x [N, C, H, W] or [C, H, W] → y [N, C, H′, W′], H′ = ⌊(H + 2p − d·(K − 1) − 1)/s⌋ + 1
 *           (ceilMode: rounded up, but no window begins behind the image and its left padding)
 * Gradient  to the pixel that won: the first of equals; NaN beats everything, and the last NaN wins
 * Cost      K² comparisons per output; 4 bytes per output kept for backward
 * Throws    ShapeError if no window fits; RangeError for settings that are no whole numbers, or padding > K/2
 * ONNX      MaxPool
 */
export function maxPool2d(x: Tensor, kernelSize: Pair, options: SlideOptions = {}): Tensor {
  checked("maxPool2d", options, ["stride", "padding", "dilation", "ceilMode"]);
  return overImages("maxPool2d", x, (x) => new MaxPool(slidingGrid("maxPool2d", x, kernelSize, options)));
}

/** `maxPool2d` along a line: x [N, C, L] or [C, L] → [N, C, L′]. */
export function maxPool1d(x: Tensor, kernelSize: number, options: LineOptions = {}): Tensor {
  checked("maxPool1d", options, ["stride", "padding", "dilation", "ceilMode"]);
  return alongLines("maxPool1d", x, kernelSize, options, (x, kernel, options) =>
    new MaxPool(slidingGrid("maxPool1d", x, kernel, options)).apply(x),
  );
}

/** Options of `avgPool2d` and `AvgPool2d`. */
export interface AveragePoolOptions extends Omit<SlideOptions, "dilation"> {
  /** Whether padding counts: true divides by the size of the window, false by the pixels in it. */
  readonly countIncludePad?: boolean;
  /** Divides by this number in place of a count. */
  readonly divisorOverride?: number;
}

/**
 * The mean of every window that slides over an image; `maxPool2d` has the sizes.
 *
 * Shapes    x [N, C, H, W] or [C, H, W] → y [N, C, H′, W′]
 * Gradient  g divided by the count of its window, to each pixel of it
 * Throws    as maxPool2d
 * ONNX      AveragePool
 */
export function avgPool2d(x: Tensor, kernelSize: Pair, options: AveragePoolOptions = {}): Tensor {
  checked("avgPool2d", options, ["stride", "padding", "ceilMode", "countIncludePad", "divisorOverride"]);
  checkDivisor("avgPool2d", options.divisorOverride);
  return overImages("avgPool2d", x, (x) => {
    const { countIncludePad = true, divisorOverride, ...slide } = options;
    const grid = slidingGrid("avgPool2d", x, kernelSize, slide, countIncludePad);
    return new AveragePool(divisorOverride === undefined ? grid : dividedBy(divisorOverride, grid));
  });
}

/**
 * The mean of every part of an image that is divided as evenly as whole pixels allow: output i covers the rows
 * ⌊i·H/H′⌋ up to before ⌈(i + 1)·H/H′⌉. With outputSize 1 it is the mean of the channel.
 *
 * Shapes    x [N, C, H, W] or [C, H, W] → y [N, C, H′, W′] with [H′, W′] = outputSize; null keeps the image's size
 * ONNX      products with a matrix of shares on either side
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: OutputSize): Tensor {
  return overImages("adaptiveAvgPool2d", x, (x) => {
    return new AveragePool(adaptiveGrid("adaptiveAvgPool2d", x, outputSize));
  });
}

/** The largest number of every part of an image that `adaptiveAvgPool2d` divides it into. */
export function adaptiveMaxPool2d(x: Tensor, outputSize: OutputSize): Tensor {
  return overImages("adaptiveMaxPool2d", x, (x) => {
    return new MaxPool(adaptiveGrid("adaptiveMaxPool2d", x, outputSize));
  });
}

/** Settings along one dim. */
export type LineOptions = {
  readonly [K in keyof SlideOptions]: SlideOptions[K] extends Pair | undefined ? number : SlideOptions[K];
};

export function slidingGrid(
  call: string,
  { shape }: Tensor,
  kernelSize: Pair,
  options: SlideOptions,
  countPadding = false,
): PoolGrid {
  const image = [shape[2], shape[3]] as const;
  const slides = slidesOf(call, kernelSize, options);
  const { ceilMode = false } = options;
  return { image, slides, windows: slidingWindows(call, image, slides, { ceilMode, countPadding }) };
}

/** Where the parts are equal, windows of that size slide. */
function adaptiveGrid(call: string, { shape }: Tensor, outputSize: OutputSize): PoolGrid {
  const image = [shape[2], shape[3]] as const;
  const windows = adaptiveWindows(call, image, outputSize);
  const even = windows.every(({ outputs }, d) => image[d] % outputs === 0);
  const slide = (d: 0 | 1) => {
    const size = image[d] / windows[d].outputs;
    return { kernel: size, stride: size, padding: 0, dilation: 1 };
  };
  return { image, windows, slides: even ? [slide(0), slide(1)] : null };
}

/** Every row counts as `divisor` pixels, every column as one. */
function dividedBy(divisor: number, { windows: [rows, cols], ...grid }: PoolGrid): PoolGrid {
  const counting = (table: readonly number[], count: number) =>
    table.map((n, i) => (i % 3 === 2 ? count : n));
  return {
    ...grid,
    windows: [
      { ...rows, table: counting(rows.table, divisor) },
      { ...cols, table: counting(cols.table, 1) },
    ],
  };
}

/** Runs an operation on [N, C, H, W]; a single image [C, H, W] is a batch of one meanwhile. */
function overImages(call: string, x: Tensor, operation: (x: Tensor) => Function): Tensor {
  if (expectTensor(call, x).rank === 4) return operation(x).apply(x.asFloat());
  if (x.rank === 3) return overImages(call, x.unsqueeze(0), operation).squeeze(0);
  throw new ShapeError(`${call}: expected images [N, C, H, W] or one [C, H, W], got ${show(x.shape)}`);
}

/** A line is an image of one row. */
function alongLines(
  call: string,
  x: Tensor,
  kernelSize: number,
  { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false }: LineOptions,
  run: (x: Tensor, kernel: Pair, options: SlideOptions) => Tensor,
): Tensor {
  if (expectTensor(call, x).rank === 2) {
    const options = { stride, padding, dilation, ceilMode };
    return alongLines(call, x.unsqueeze(0), kernelSize, options, run).squeeze(0);
  }
  if (x.rank !== 3)
    throw new ShapeError(`${call}: expected lines [N, C, L] or one [C, L], got ${show(x.shape)}`);
  checkLine(call, kernelSize, { stride, padding, dilation });
  const options: SlideOptions = {
    stride: [1, stride],
    padding: [0, padding],
    dilation: [1, dilation],
    ceilMode,
  };
  return run(x.asFloat().unsqueeze(2), [1, kernelSize], options).squeeze(2);
}

/** The same rules as for images, said of single numbers. */
export function checkLine(call: string, kernelSize: number, options: LineOptions): void {
  const { stride = 1, padding = 0, dilation = 1 } = options;
  const wrong = Object.entries({ kernelSize, stride, padding, dilation }).find(
    ([name, n]) => !(Number.isInteger(n) && n >= (name === "padding" ? 0 : 1)),
  );
  if (!wrong) {
    slidesOf(call, kernelSize, options);
    return;
  }
  const [name, value] = wrong;
  throw new RangeError(
    `${call}: ${name} ${say(value as Pair)} — must be a whole number, ${name === "padding" ? 0 : 1} or more`,
  );
}

export function checkDivisor(call: string, divisor: number | undefined): void {
  if (divisor === undefined || (Number.isInteger(divisor) && divisor !== 0)) return;
  throw new RangeError(`${call}: divisorOverride ${divisor} — must be a whole number other than 0`);
}
