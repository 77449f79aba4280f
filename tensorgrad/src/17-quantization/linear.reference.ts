import type { Floats } from "../00-runtime/arrays.ts";
import { productInt8 } from "./product.reference.ts";
import { quantizeRows, rescaleRows } from "./rows.reference.ts";

/**
 * `quantizeRows`, `productInt8` and `rescaleRows` at once: a product of one row takes a few microseconds, about as long as three
 * calls and the tensors between them, and of many rows only some are integers at a time.
 *
 *   y[i, j] = (Σₚ q[i, p]·w[j, p] − zero[i]·weights[j])·(scale[i]·scales[j]) + bias[j], with q, scale and zero of row i of x
 *
 * x [rows, inputs] and w [outputs, inputs] are contiguous; rows of y lie `yRow` apart.
 */
export function linearInt8(
  x: Floats,
  w: Int8Array,
  y: Floats,
  scales: Floats,
  weights: Int32Array,
  bias: Floats,
  rows: number,
  outputs: number,
  inputs: number,
  yRow: number,
  high: number,
  given: number,
  givenZero: number,
  biased: number,
): void {
  const [q, sum] = [new Uint8Array(inputs), new Int32Array(outputs)];
  const [scale, zero] = [new Float32Array(1), new Uint8Array(1)];
  for (let r = 0; r < rows; r++) {
    const to = y.subarray(r * yRow, r * yRow + outputs);
    quantizeRows(x.subarray(r * inputs, (r + 1) * inputs), q, scale, zero, 1, inputs, high, given, givenZero);
    productInt8(q, w, sum, 1, outputs, inputs, outputs);
    rescaleRows(to, sum, scale, zero, scales, weights, bias, 1, outputs, biased);
  }
}
