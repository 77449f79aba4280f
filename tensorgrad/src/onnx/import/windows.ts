import type { Tensor } from "../../01-tensor/index.ts";
import { int, ints, text } from "./attributes.ts";

/** How a window slides over the spatial dims, one number for each. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begins: readonly number[];
  readonly ends: readonly number[];
  readonly outputs: readonly number[];
}

/** Attributes that every sliding operator has. */
export const sliding = {
  auto_pad: text("NOTSET"),
  pads: ints(),
  strides: ints(),
  dilations: ints(),
  kernel_shape: ints(),
};

interface Sliding {
  readonly auto_pad: string;
  readonly pads: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
}

/** From the first tap of a kernel to its last. */
export const spanOf = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1;

/** One number for each spatial dim, as many as there are. */
export function perDim(
  name: string,
  given: readonly number[] | undefined,
  fallback: number,
  count: number,
): number[] {
  const list = given ?? new Array<number>(count).fill(fallback);
  if (list.length !== count)
    throw new RangeError(`${list.length} ${name} for ${count} spatial dims — one for each`);
  return [...list];
}

/** The windows over images of this size. */
export function windowsOf(
  size: readonly number[],
  kernel: readonly number[],
  given: Sliding,
  ceil = false,
): Windows {
  const n = size.length;
  const strides = perDim("strides", given.strides, 1, n);
  const dilations = perDim("dilations", given.dilations, 1, n);
  if ([...strides, ...dilations, ...kernel].some((one) => one < 1) || kernel.length !== n)
    throw new RangeError(
      `a kernel of ${kernel.join(" × ")}, strides ${strides.join(", ")}, dilations ${dilations.join(", ")} — whole numbers, 1 or more, one for each of ${n} dims`,
    );
  const spans = kernel.map((k, d) => spanOf(k, dilations[d]));
  const [begins, ends] = padsOf(size, strides, spans, given);
  const outputs = size.map((length, d) => {
    const steps = (length + begins[d] + ends[d] - spans[d]) / strides[d];
    const count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    return ceil && (count - 1) * strides[d] >= length + begins[d] ? count - 1 : count; // no window begins behind the image
  });
  if (outputs.some((count) => count < 1))
    throw new RangeError(`a kernel of ${kernel.join(" × ")} on ${size.join(" × ")} — it does not fit`);
  return { kernel, strides, dilations, begins, ends, outputs };
}

function padsOf(
  size: readonly number[],
  strides: readonly number[],
  spans: readonly number[],
  { auto_pad, pads }: Sliding,
) {
  const n = size.length;
  if (auto_pad === "NOTSET") {
    const all = perDim("pads", pads, 0, 2 * n);
    return [all.slice(0, n), all.slice(n)];
  }
  const zeros = new Array<number>(n).fill(0);
  if (auto_pad === "VALID") return [zeros, zeros];
  if (auto_pad !== "SAME_UPPER" && auto_pad !== "SAME_LOWER")
    throw new TypeError(`auto_pad "${auto_pad}" — known are NOTSET, VALID, SAME_UPPER, SAME_LOWER`);
  const totals = size.map((length, d) =>
    Math.max(0, (Math.ceil(length / strides[d]) - 1) * strides[d] + spans[d] - length),
  );
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, d) => total - small[d]);
  return auto_pad === "SAME_UPPER" ? [small, large] : [large, small];
}

/** Spatial dims longer by (before, after); the first two dims are not spatial. */
export const padSpatial = (
  x: Tensor,
  before: readonly number[],
  after: readonly number[],
  value = 0,
): Tensor =>
  [...before, ...after].every((n) => n === 0)
    ? x
    : x.pad(before.flatMap((n, d) => [after[d], n]).reverse(), { value });

/** What every tap of the kernel sees: one tensor [N, C, outputs...] per tap, in row-major order of the taps. */
export function tapsOf(
  x: Tensor,
  { kernel, strides, dilations, begins, ends, outputs }: Windows,
  fill = 0,
): Tensor[] {
  const size = x.shape.slice(2);
  const more = size.map((n, d) => {
    const reached = (outputs[d] - 1) * strides[d] + spanOf(kernel[d], dilations[d]);
    return Math.max(ends[d], reached - n - begins[d]);
  });
  const whole = padSpatial(x, begins, more, fill);
  return offsets(kernel).map((tap) =>
    tap.reduce((y, k, d) => {
      const start = k * dilations[d];
      return y.slice(d + 2, start, start + (outputs[d] - 1) * strides[d] + 1, strides[d]);
    }, whole),
  );
}

/** All positions in a box, in row-major order. */
export function offsets(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (list, n) => list.flatMap((head) => Array.from({ length: n }, (_, i) => [...head, i])),
    [[]],
  );
}

export const strideAttributes = { ...sliding, group: int(1) };
