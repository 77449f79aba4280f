import { expectArgument, isList, ShapeError, show } from "../00-runtime/index.ts";
import type { Shape } from "../01-tensor/index.ts";

/** One number for height and width, or one for each. */
export type Pair = number | readonly [height: number, width: number];

export interface ConvOptions {
  /** How far the filter moves from one output to the next. */
  readonly stride?: Pair;
  /** Zeros around the image, or "same": as many as keep its size (stride 1 only). */
  readonly padding?: Pair | "same";
  /** How far apart the filter's taps lie: 1 is next to each other. */
  readonly dilation?: Pair;
  /** Channels in so many groups that do not see each other; as many groups as channels is depthwise. */
  readonly groups?: number;
}

/** Where the taps of a filter lie on the image; checked. */
export interface Geometry {
  readonly stride: readonly [number, number];
  /** Zeros above the image and left of it; those below and right follow from the sizes. */
  readonly padding: readonly [top: number, left: number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

export function pair(value: Pair): [number, number] {
  if (typeof value === "number") return [value, value];
  expectArgument(
    isList(value),
    "convolution or pooling",
    "size",
    value,
    "a number, or a list of two: [height, width]",
  );
  return [value[0], value[1]];
}

/** From the first tap of a filter to its last. */
export const reach = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1;

/**
 * Stride, dilation and groups as whole numbers ≥ 1, padding as whole numbers ≥ 0.
 *
 * Throws    RangeError that names the option
 */
export function checkOptions(call: string, { stride, padding, dilation, groups }: ConvOptions): void {
  if (stride === 1 && (padding === 0 || padding === 1) && dilation === 1 && groups === 1) return; // most are
  const least = { stride: 1, padding: 0, dilation: 1, groups: 1 } as const;
  for (const [name, value] of Object.entries({ stride, padding, dilation, groups })) {
    if (value === undefined || (name === "padding" && value === "same")) continue;
    const from = least[name as keyof typeof least];
    const numbers = Array.isArray(value) ? value : [value];
    const countFits = numbers.length === 1 || (numbers.length === 2 && name !== "groups");
    if (countFits && numbers.every((n) => Number.isInteger(n) && n >= from)) continue;
    const given = Array.isArray(value) ? show(value) : typeof value === "string" ? `"${value}"` : value;
    const two = name === "groups" ? "" : ", or two of them [height, width]";
    const same = name === "padding" ? ', or "same"' : "";
    throw new RangeError(`${call}: ${name} ${given} — must be a whole number, ${from} or more${two}${same}`);
  }
}

/** Zeros around the image, for every side: what "same" means for this filter. */
export function sidesOf(
  call: string,
  kernel: readonly [number, number],
  { stride = 1, padding = 0, dilation = 1 }: ConvOptions,
): { readonly before: [number, number]; readonly after: [number, number] } {
  if (padding !== "same") return { before: pair(padding), after: pair(padding) };
  if (pair(stride).some((s) => s !== 1))
    throw new RangeError(
      `${call}: padding "same" with stride ${JSON.stringify(stride)} — the image keeps its size with stride 1 alone; ` +
        "give the padding as a number",
    );
  const total = pair(dilation).map((d, i) => d * (kernel[i] - 1));
  const before = total.map((t) => Math.floor(t / 2)) as [number, number]; // the odd one goes to the end
  return { before, after: total.map((t, i) => t - before[i]) as [number, number] };
}

/**
 * Height and width of what a filter (or a pooling window) sees of an image.
 *
 *   H′ = ⌊(H + before + after − dilation·(K − 1) − 1)/stride⌋ + 1
 *
 * Throws    ShapeError if the filter is larger than the padded image
 */
export function outputSizes(
  call: string,
  image: Shape,
  kernel: readonly [number, number],
  geometry: Pick<Geometry, "stride" | "dilation">,
  before: readonly [number, number],
  after: readonly [number, number],
): [number, number] {
  const padded = [0, 1].map((d) => image[d] + before[d] + after[d]);
  const spans = [0, 1].map((d) => reach(kernel[d], geometry.dilation[d]));
  if (spans.some((span, d) => span > padded[d])) {
    const spread = show(spans) === show(kernel) ? "" : `, spread to ${spans.join("×")} by its dilation,`;
    throw new ShapeError(
      `${call}: image ${image.join("×")}, ${padded.join("×")} with its padding — ` +
        `the filter ${kernel.join("×")}${spread} must fit in it; use a smaller filter or more padding`,
    );
  }
  return [0, 1].map((d) => Math.floor((padded[d] - spans[d]) / geometry.stride[d]) + 1) as [number, number];
}

/** All sizes of one convolution: images x [N, C, H, W], filters w [O, C/groups, K, L], results y [N, O, outH, outW]. */
export interface ConvSizes extends Geometry {
  readonly N: number;
  readonly C: number;
  readonly H: number;
  readonly W: number;
  readonly O: number;
  readonly K: number;
  readonly L: number;
  readonly outH: number;
  readonly outW: number;
}

export function convSizes(x: Shape, w: Shape, out: Shape, geometry: Geometry): ConvSizes {
  const [N, C, H, W] = x;
  const [O, , K, L] = w;
  const { stride, padding, dilation, groups } = geometry; // one literal: a spread costs more than a small convolution's checks
  return { stride, padding, dilation, groups, N, C, H, W, O, K, L, outH: out[0], outW: out[1] };
}
