import type { Floats } from "../00-runtime/arrays.ts";
import { toEven } from "../00-runtime/round.ts";

// Between numbers and their integers, row by row: x and y are [rows, cols], contiguous; a row has one scale and one
// zero point. Quotients are rounded as float32 rounds them, in float64 too: the integers are the same everywhere.

/**
 * q = clamp(round(x/scale) + zero, 0, high), halves to the even integer.
 *
 * Without a `given` scale (0) each row has its own: its range, 0 included, in `high` steps. A row with a NaN gets the scale
 * NaN, and so does whatever is computed with it; an infinite one without a given scale likewise.
 */
export function quantizeRows(
  x: Floats,
  q: Uint8Array,
  scale: Floats,
  zero: Uint8Array,
  rows: number,
  cols: number,
  high: number,
  given: number,
  givenZero: number,
): void {
  for (let r = 0; r < rows; r++) {
    const row = x.subarray(r * cols, (r + 1) * cols);
    [scale[r], zero[r]] = given > 0 ? [row.some(Number.isNaN) ? NaN : given, givenZero] : rangeOf(row, high);
    const step = given > 0 ? given : scale[r];
    for (let c = 0; c < cols; c++) {
      const rounded = toEven(Math.fround(row[c] / step));
      q[r * cols + c] = (Number.isNaN(rounded) ? 0 : clamp(rounded, -zero[r], high - zero[r])) + zero[r];
    }
  }
}

/** The scale and the zero point that spread a row's range, 0 included, over 0 … high. */
function rangeOf(row: Floats, high: number): [scale: number, zero: number] {
  let [low, top] = [0, 0];
  for (const value of row) [low, top] = [Math.min(low, value), Math.max(top, value)];
  const scale = Math.fround(Math.fround(top - low) / high) || (row.some(Number.isNaN) ? NaN : 1);
  const zero = toEven(Math.fround(-low / scale));
  return [scale, Number.isNaN(zero) ? 0 : clamp(zero, 0, high)];
}

/**
 * y = (sum − zero[row]·weights[col])·(scale[row]·scales[col]) + bias[col], for sums of integers; weights[col] is the sum of
 * that column's weights. `bias` is not looked at where biased is 0.
 */
// exercise: quantize-rescale
export function rescaleRows(
  y: Floats,
  sum: Int32Array,
  scale: Floats,
  zero: Uint8Array,
  scales: Floats,
  weights: Int32Array,
  bias: Floats,
  rows: number,
  cols: number,
  biased: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0, i = r * cols; c < cols; c++, i++) {
      const whole = Math.fround((sum[i] - Math.imul(zero[r], weights[c])) | 0);
      const product = Math.fround(whole * Math.fround(scale[r] * scales[c]));
      y[i] = biased ? product + bias[c] : product;
    }
  }
}

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
