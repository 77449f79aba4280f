// Rows through a matrix of integers in one call, block by block: the rows become integers in scratch memory, the sums stand
// where the results will be. The steps are those of the kernels that do one of them each, and so are the bits.

import { scratch } from "../00-runtime/simd/scratch.simd";
import { BLOCK_BYTES, productOf, WIDE_BYTES } from "./product.simd";
import { quantizeRows, rescaleRows } from "./rows.simd";

const MAX_ROWS: usize = 256;
/** After what the product keeps: scale and zero point of each row, then the rows. */
const ZEROS_AT: usize = MAX_ROWS * 4;
const ROWS_AT: usize = ZEROS_AT + MAX_ROWS;

export function linearInt8(
  x: usize, w: usize, y: usize, scales: usize, weights: usize, bias: usize, rows: usize, outputs: usize, inputs: usize,
  yRow: usize, high: f32, given: f32, givenZero: i32, biased: usize,
): void {
  const scale = scratch + WIDE_BYTES;
  const zero = scale + ZEROS_AT;
  const q = scale + ROWS_AT;
  const most = inputs == 0 ? MAX_ROWS : min<usize>(MAX_ROWS, max<usize>(2, (BLOCK_BYTES / inputs) & ~1));
  for (let first: usize = 0; first < rows; first += most) {
    const height = min(most, rows - first);
    quantizeRows(x + (first * inputs << 2), q, scale, zero, height, inputs, high, given, givenZero);
    productOf(q, w, y, height, outputs, inputs, yRow, high < 128);
    for (let r: usize = 0; r < height; r++, y += yRow << 2) {
      rescaleRows(y, y, scale + (r << 2), zero + r, scales, weights, bias, 1, outputs, biased);
    }
  }
}
