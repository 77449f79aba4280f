import { checked, toEven } from "../00-runtime/index.ts";
import { fromArray, full, type Tensor } from "../01-tensor/index.ts";
import { QuantizeLinear, rows } from "./graph.ts";

/** How a layer turns its input into integers. */
export interface InputOptions {
  /**
   * From 0 to 127 or to 255. The instruction that multiplies 16 pairs of bytes at once wants 7 bits: with 8, products take
   * about half as long again.
   */
  readonly bits?: 7 | 8;
  /** What the input ranges over, from calibration; null: every row (every image) is measured when it comes. */
  readonly range?: Range | null;
}

/** The smallest and the largest number; what lies outside is cut off. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Rows as integers. */
export interface QuantizedRows {
  /** uint8 [N, K] */
  readonly q: Tensor;
  /** float32 [N]; NaN for a row that contains one. */
  readonly scale: Tensor;
  /** uint8 [N] */
  readonly zero: Tensor;
}

/** How inputs become integers: settings of a layer. The tensors are null where every row is measured. */
export interface InputScale {
  readonly bits: 7 | 8;
  readonly scale: Tensor | null;
  readonly zero: Tensor | null;
}

export const topOf = (bits: 7 | 8): number => 2 ** bits - 1;

/** The scale and the zero point that spread a range, 0 included, over 0 … 127 or 255. */
export function inputScale(call: string, options: InputOptions): InputScale {
  const { bits = 7, range = null } = checked(call, options, ["bits", "range"]);
  if (bits !== 7 && bits !== 8)
    throw new RangeError(`${call}: bits ${bits} — inputs are integers of 7 or 8 bits`);
  if (range === null) return { bits, scale: null, zero: null };
  const [low, high] = [Math.min(0, range.low), Math.max(0, range.high)];
  if (!(Number.isFinite(high - low) && high > low))
    throw new RangeError(
      `${call}: range ${range.low} … ${range.high} — an input ranges over finite numbers, not all 0`,
    );
  const scale = Math.fround((high - low) / topOf(bits));
  const zero = Math.min(Math.max(toEven(-low / scale), 0), topOf(bits));
  return { bits, scale: full([1], scale), zero: fromArray(Uint8Array.of(zero), [1]) };
}

/** Rows [N, K] as integers, in one pass. */
export function quantizedRows(x: Tensor, { bits, scale, zero }: InputScale): QuantizedRows {
  const [N, K] = x.shape;
  const [q, s, z] = [x.newEmpty([N, K], "uint8"), x.newEmpty([N]), x.newEmpty([N], "uint8")];
  const given = [scale?.elements[0] ?? 0, zero?.elements[0] ?? 0] as const;
  rows.quantizeRows(x.contiguous(), q, s, z, N, K, topOf(bits), ...given);
  return { q, scale: s, zero: z };
}

/** The same in operations that an exporter can write down. */
export function quantizedInWords(x: Tensor, { bits, scale, zero }: InputScale): QuantizedRows {
  if (scale && zero) return { q: new QuantizeLinear(topOf(bits)).apply(x, scale, zero), scale, zero };
  const [low, high] = [x.amin(1).minimum(0), x.amax(1).maximum(0)];
  const step = high.sub(low).div(topOf(bits));
  const s = step.eq(0).where(1, step);
  const z = low.neg().div(s).round().clamp(0, topOf(bits)).to("uint8");
  return { q: new QuantizeLinear(topOf(bits)).apply(x, s, z), scale: s, zero: z };
}
