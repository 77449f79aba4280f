import { ShapeError } from "../../00-runtime/index.ts";
import type { Shape } from "../../01-tensor/index.ts";
import { type Pair, pair, reach } from "../geometry.ts";

/**
 * Where the outputs of a pooling look, along one dim. `table` holds three whole numbers for each output: the first
 * input that it covers, the input after its last, and how many an average counts.
 */
export interface Windows {
  readonly outputs: number;
  readonly table: readonly number[];
  /** From one covered input to the next: the dilation. */
  readonly step: number;
}

/** A window that slides along one dim. */
export interface Slide {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
}

/** How a window slides over an image. */
export interface SlideOptions {
  /** How far the window moves from one output to the next; the window's own size unless given. */
  readonly stride?: Pair;
  /** Pixels around the image that never win a maximum, and count as 0 in an average; at most half a window. */
  readonly padding?: Pair;
  /** How far apart the pixels of a window lie: 1 is next to each other. */
  readonly dilation?: Pair;
  /** Whether a last window may reach over the end of the image. */
  readonly ceilMode?: boolean;
}

/**
 * The settings of a pooling, for height and width.
 *
 * Throws    RangeError that names the setting
 */
export function slidesOf(call: string, kernelSize: Pair, options: SlideOptions): readonly [Slide, Slide] {
  const { stride = kernelSize, padding = 0, dilation = 1 } = options;
  for (const [name, value] of Object.entries({ kernelSize, stride, dilation }))
    checkPair(call, name, value, 1);
  checkPair(call, "padding", padding, 0);
  const [k, s, p, d] = [pair(kernelSize), pair(stride), pair(padding), pair(dilation)];
  if (p.some((n, i) => n > k[i] / 2)) {
    throw new RangeError(
      `${call}: padding ${say(padding)} with kernelSize ${say(kernelSize)} — at most half of the window: ` +
        "one that lies in the padding alone has nothing to choose from",
    );
  }
  const slide = (i: 0 | 1): Slide => ({ kernel: k[i], stride: s[i], padding: p[i], dilation: d[i] });
  return [slide(0), slide(1)];
}

/** One whole number from `least` on, or two of them. */
export function checkPair(call: string, name: string, value: Pair, least: number): void {
  const numbers: readonly unknown[] = Array.isArray(value) ? value : [value];
  const fits = numbers.length === 1 ? !Array.isArray(value) : numbers.length === 2;
  if (fits && numbers.every((n) => Number.isInteger(n) && (n as number) >= least)) return;
  throw new RangeError(
    `${call}: ${name} ${say(value)} — must be a whole number, ${least} or more, or two of them [height, width]`,
  );
}

export const say = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(String).join(", ")}]` : String(value);

/** How many pixels a window spans. */
export const spanOf = ({ kernel, dilation }: Slide): number => reach(kernel, dilation);

/**
 * How many windows fit along a dim.
 *
 *   n = ⌊(size + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1
 *
 * With ceilMode the quotient is rounded up, but no window begins behind the image and its left padding.
 */
function countOf(size: number, slide: Slide, ceilMode: boolean): number {
  const { stride, padding } = slide;
  const quotient = (size + 2 * padding - spanOf(slide)) / stride;
  if (!ceilMode) return Math.floor(quotient) + 1;
  const count = Math.ceil(quotient) + 1;
  return (count - 1) * stride >= size + padding ? count - 1 : count;
}

/** The windows along a dim; each is cut to the image. `countPadding`: averages count padding, up to the image's own. */
function slideAlong(size: number, slide: Slide, ceilMode: boolean, countPadding: boolean): Windows {
  const outputs = countOf(size, slide, ceilMode);
  const { stride, padding, dilation } = slide;
  const table = Array.from({ length: outputs }, (_, i) => {
    const first = i * stride - padding;
    const end = Math.min(first + spanOf(slide), size);
    const start = first < 0 ? first + Math.ceil(-first / dilation) * dilation : first;
    return [start, end, countPadding ? Math.min(first + spanOf(slide), size + padding) - first : end - start];
  });
  return { outputs, table: table.flat(), step: dilation };
}

/**
 * The windows over an image, for height and width.
 *
 * Throws    ShapeError if not even one fits
 */
export function slidingWindows(
  call: string,
  image: Shape,
  slides: readonly [Slide, Slide],
  {
    ceilMode = false,
    countPadding = false,
  }: { readonly ceilMode?: boolean; readonly countPadding?: boolean },
): readonly [Windows, Windows] {
  if (slides.some((slide, d) => countOf(image[d], slide, ceilMode) < 1 || image[d] === 0)) {
    const padded = slides.map(({ padding }, d) => image[d] + 2 * padding);
    const spread = slides.map(spanOf);
    throw new ShapeError(
      `${call}: image ${image.join("×")}, ${padded.join("×")} with its padding — ` +
        `the window ${spread.join("×")} must fit in it; use a smaller kernelSize or a larger image`,
    );
  }
  return [
    slideAlong(image[0], slides[0], ceilMode, countPadding),
    slideAlong(image[1], slides[1], ceilMode, countPadding),
  ];
}

/** The image divided as evenly as whole pixels allow: output i covers ⌊i·size/n⌋ up to before ⌈(i + 1)·size/n⌉. */
function divideInto(outputs: number, size: number): Windows {
  const table = Array.from({ length: outputs }, (_, i) => {
    const start = Math.floor((i * size) / outputs);
    const end = Math.ceil(((i + 1) * size) / outputs);
    return [start, end, end - start];
  });
  return { outputs, table: table.flat(), step: 1 };
}

/** Sizes of an adaptive pooling's output; null keeps the image's own. */
export type OutputSize = number | null | readonly [height: number | null, width: number | null];

/**
 * Windows whose number is given, and not their size.
 *
 * Throws    RangeError for an output size that is no whole number from 1 on; ShapeError for an image without pixels
 */
export function adaptiveWindows(
  call: string,
  image: Shape,
  outputSize: OutputSize,
): readonly [Windows, Windows] {
  checkOutputSize(call, outputSize);
  if (image.includes(0))
    throw new ShapeError(`${call}: image ${image.join("×")} — it needs at least one pixel`);
  const [h, w] = Array.isArray(outputSize) ? outputSize : [outputSize, outputSize];
  return [divideInto(h ?? image[0], image[0]), divideInto(w ?? image[1], image[1])];
}

export function checkOutputSize(call: string, outputSize: OutputSize): void {
  const sizes: readonly unknown[] = Array.isArray(outputSize) ? outputSize : [outputSize, outputSize];
  if (sizes.length === 2 && sizes.every((n) => n === null || (Number.isInteger(n) && (n as number) >= 1)))
    return;
  throw new RangeError(
    `${call}: outputSize ${say(outputSize)} — must be a whole number, 1 or more, or two of them [height, width]; null keeps the image's`,
  );
}
