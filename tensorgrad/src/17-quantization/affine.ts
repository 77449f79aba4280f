import { checked, show, toEven } from "../00-runtime/index.ts";
import { expectTensor, fromArray, isTensor, normalDim, type Tensor } from "../01-tensor/index.ts";

/** A tensor as integers: x ≈ (q − zeroPoint)·scale. */
export interface Quantized<S extends number | Tensor = number | Tensor> {
  /** int8, of the tensor's shape. */
  readonly q: Tensor;
  /** The step between two integers: a number, or one for each index of `dim`. */
  readonly scale: S;
  /** The integer that stands for 0. */
  readonly zeroPoint: S;
  /** The dim whose parts have scales of their own; null: one scale for all. */
  readonly dim: number | null;
}

export interface QuantizeOptions {
  /** "symmetric": −127 … 127 with zero point 0. "affine": the range, 0 included, on −128 … 127. */
  readonly scheme?: "symmetric" | "affine";
  /** One scale for each index of this dim: of a weight [out, in], dim 0 gives every output its own. */
  readonly dim?: number;
}

/**
 * The nearest integers of 8 bits, on a scale that reaches the largest number.
 *
 *   q = clamp(round(x/scale) + zeroPoint), halves to the even integer
 *
 * Shapes    x [...] → q as x; scale and zeroPoint numbers, or with `dim` tensors [x.shape[dim]]
 * Error     at most scale/2 for each element
 * Memory    1 byte an element, a quarter of float32
 * Throws    RangeError for NaN and ∞, and for a tensor whose elements are all equal; TypeError for integers
 * Source    Jacob et al. 2018, Quantization and training of neural networks for efficient integer-arithmetic-only inference
 */
export function quantizeInt8(
  t: Tensor,
  options?: { readonly scheme?: "symmetric" | "affine" },
): Quantized<number>;
export function quantizeInt8(
  t: Tensor,
  options: QuantizeOptions & { readonly dim: number },
): Quantized<Tensor>;
export function quantizeInt8(t: Tensor, options: QuantizeOptions = {}): Quantized {
  const { scheme = "symmetric", dim } = checked("quantizeInt8", options, ["scheme", "dim"]);
  checkInput(t, scheme);
  const values = t.data as Float32Array;
  const along = dim === undefined ? null : normalDim("quantizeInt8", dim, t.shape);
  const { parts, partOf } = partsAlong(t.shape, along);
  const steps = stepsOf(values, parts, partOf, scheme);
  if (along === null) checkRange(t, steps.constant);
  const q = new Int8Array(values.length);
  const least = scheme === "symmetric" ? -127 : -128;
  for (let i = 0; i < q.length; i++) {
    const part = partOf(i);
    const rounded = toEven(Math.fround(values[i] / steps.scale[part])) + steps.zero[part];
    q[i] = Math.min(Math.max(rounded, least), 127);
  }
  const whole = { q: fromArray(q, t.shape), dim: along };
  if (along === null) return { ...whole, scale: steps.scale[0], zeroPoint: steps.zero[0] };
  return { ...whole, scale: fromArray(steps.scale, [parts]), zeroPoint: fromArray(steps.zero, [parts]) };
}

/**
 * The numbers that integers stand for.
 *
 *   x̂ = (q − zeroPoint)·scale
 *
 * Shapes    q [...] → float32 [...]
 */
export function dequantize(quantized: Quantized): Tensor {
  expectTensor("dequantize", quantized?.q, "q");
  const { q, scale, zeroPoint, dim } = quantized;
  const [step, zero] = [scale, zeroPoint].map((s) => (isTensor(s) ? along(s, q.rank, dim ?? 0) : s));
  return q
    .to("float32")
    .sub(isTensor(zero) ? zero.to("float32") : zero)
    .mul(step);
}

/** [n] → [1, …, n, …, 1], to broadcast along a dim. */
const along = (t: Tensor, rank: number, dim: number): Tensor =>
  t.reshape(Array.from({ length: rank }, (_, d) => (d === dim ? t.size : 1)));

/** Into how many parts a dim divides a tensor, and to which one element i belongs. */
function partsAlong(shape: readonly number[], dim: number | null) {
  if (dim === null) return { parts: 1, partOf: () => 0 };
  const inner = shape.slice(dim + 1).reduce((product, n) => product * n, 1);
  return { parts: shape[dim], partOf: (i: number) => Math.floor(i / inner) % shape[dim] };
}

interface Steps {
  readonly scale: Float32Array;
  readonly zero: Int8Array;
  /** Whether all elements are equal. */
  readonly constant: boolean;
}

// exercise: quantize-steps
function stepsOf(
  values: Float32Array,
  parts: number,
  partOf: (i: number) => number,
  scheme: "symmetric" | "affine",
): Steps {
  const [low, high] = [new Float64Array(parts), new Float64Array(parts)];
  let constant = true;
  for (let i = 0; i < values.length; i++) {
    const [part, value] = [partOf(i), values[i]];
    if (value < low[part]) low[part] = value;
    if (value > high[part]) high[part] = value;
    constant &&= value === values[0];
  }
  const symmetric = scheme === "symmetric";
  const scale = Float32Array.from(low, (l, part) =>
    symmetric ? stepOf(Math.max(-l, high[part]), 127) : stepOf(high[part] - l, 255),
  );
  const zero = Int8Array.from(scale, (s, part) =>
    symmetric ? 0 : Math.min(Math.max(toEven(-128 - low[part] / s), -128), 127),
  );
  return { scale, zero, constant };
}

const [SMALLEST_NORMAL, SMALLEST] = [2 ** -126, 2 ** -149];

/** A range in so many steps. Below the normal numbers float32 rounds coarsely: there upwards, so that the range is reached. */
export function stepOf(range: number, count: number): number {
  const step = Math.fround(range / count);
  if (step >= SMALLEST_NORMAL) return step;
  return range === 0 ? 1 : Math.ceil(range / count / SMALLEST) * SMALLEST;
}

function checkInput(t: Tensor, scheme: string): void {
  if (!isTensor(t) || !t.isFloat)
    throw new TypeError(
      `quantizeInt8: ${isTensor(t) ? `a tensor of dtype ${t.dtype}` : typeof t} — only float32 and float64 are quantized`,
    );
  if (scheme !== "symmetric" && scheme !== "affine")
    throw new RangeError(`quantizeInt8: scheme ${JSON.stringify(scheme)} — "symmetric" or "affine"`);
  requireFinite("quantizeInt8", t);
}

/** Throws a RangeError that names the first element that is no finite number. */
export function requireFinite(call: string, t: Tensor): void {
  const at = t.data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new RangeError(
    `${call}: ${t.data[at]} at element ${at} of ${show(t.shape)} — only finite numbers have a nearest integer; ` +
      "look for where it came from with detectAnomaly",
  );
}

function checkRange({ shape, data, size }: Tensor, constant: boolean): void {
  if (size === 0)
    throw new RangeError(
      `quantizeInt8: a tensor ${show(shape)} without elements — there is no range to divide`,
    );
  if (!constant) return;
  throw new RangeError(
    `quantizeInt8: all elements of ${show(shape)} are ${data[0]} — a constant has no range to divide into steps; ` +
      "keep the number itself, or give { dim } for a scale per part",
  );
}
