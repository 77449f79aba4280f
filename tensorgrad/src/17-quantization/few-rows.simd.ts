// A few rows through a matrix of integers in one call: the rows become integers in scratch memory, the sums stand where the
// results will be. The steps are those of the kernels for many rows, and so are the bits.

import { scratch } from "../00-runtime/simd/scratch.simd";
import { FEW, productInt8, WIDE_BYTES } from "./product.simd";
import { quantizeRows, rescaleRows } from "./rows.simd";

/** After what the product keeps: scale and zero point of each row, then the rows. */
const ZEROS_AT: usize = FEW * 4;
const ROWS_AT: usize = 64;

export function linearInt8(
  x: usize, w: usize, y: usize, scales: usize, weights: usize, bias: usize, rows: usize, outputs: usize, inputs: usize,
  yRow: usize, high: f32, given: f32, givenZero: i32, biased: usize,
): void {
  const scale = scratch + WIDE_BYTES;
  const zero = scale + ZEROS_AT;
  const q = scale + ROWS_AT;
  quantizeRows(x, q, scale, zero, rows, inputs, high, given, givenZero);
  productInt8(q, w, y, rows, outputs, inputs, yRow);
  for (let r: usize = 0; r < rows; r++, y += yRow << 2) {
    rescaleRows(y, y, scale + (r << 2), zero + r, scales, weights, bias, 1, outputs, biased);
  }
}
