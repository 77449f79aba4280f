// Products inside larger kernels: by the system's BLAS where there is one, else by the own kernel.

import { PANEL } from "../../../00-runtime/simd/scratch.simd";
import { tileOf } from "../../../00-runtime/simd/tile.simd";
import { gemm, tiles } from "./matmul.simd";

/** cblas_sgemm. Its addresses count from where the process begins, and need more than 32 bits. */
@external("env", "sgemm")
declare function sgemm(
  order: i32, transA: i32, transB: i32, m: i32, n: i32, k: i32, alpha: f32,
  a: f64, lda: i32, b: f64, ldb: i32, beta: f32, c: f64, ldc: i32,
): void;

// The values of cblas.h.
@inline
const ROW_MAJOR: i32 = 101;
@inline
const AS_IT_LIES: i32 = 111;
@inline
const TRANSPOSED: i32 = 112;

/**
 * Up to this many multiplications a BLAS reads its operands where they lie; above, it packs them first, which does not pay
 * for operands that are in the cache anyway (OpenBLAS, 128 × 128 × 64: 10.0 ms whole, 7.4 ms in two calls).
 */
@inline
const UNPACKED: usize = 1_000_000;
/** Calls of fewer rows lose more than they gain. */
@inline
const LEAST: usize = 32;

/** C[m, n] = A[m, k]·B[k, n] + beta·C, in calls of few rows. Rows lie so many elements apart; `base` is 0 without a BLAS. */
export function product(
  a: usize, aRow: usize, b: usize, bRow: usize, c: usize, cRow: usize,
  m: usize, n: usize, k: usize, beta: f32, base: f64,
): void {
  if (base == 0) {
    gemm(a, b, c, m, n, k, aRow, 1, bRow, 1, cRow, 1, beta);
    return;
  }
  const rows = rowsPerCall(m, n * k);
  for (let i: usize = 0; i < m; i += rows) {
    call(AS_IT_LIES, AS_IT_LIES, min(rows, m - i), n, k, a + ((i * aRow) << 2), aRow, b, bRow, beta, c + ((i * cRow) << 2), cRow, base);
  }
}

/**
 * C = A·B by the own kernel, of a B that lies in panels already: 16 columns at a time, [k, 16] each, zeros after the last
 * column. C's rows have room for whole panels.
 */
export function productOfPanels(
  a: usize, aRow: usize, panels: usize, c: usize, cRow: usize, m: usize, n: usize, k: usize,
): void {
  const pairs = m & ~1;
  for (let j: usize = 0; j < n; j += PANEL, panels += (k * PANEL) << 2, c += PANEL << 2) {
    tiles(a, panels, c, pairs, k, aRow << 2, cRow << 2, 1, 0);
    if (m & 1) tiles(a + ((pairs * aRow) << 2), panels, c + ((pairs * cRow) << 2), 2, k, 0, 0, 1, 0); // both rows are this one
  }
}

/** The same with B as its transpose [n, k] in memory. */
export function productOfTransposed(
  a: usize, aRow: usize, b: usize, bRow: usize, c: usize, cRow: usize,
  m: usize, n: usize, k: usize, beta: f32, base: f64,
): void {
  if (base == 0) {
    gemm(a, b, c, m, n, k, aRow, 1, 1, bRow, cRow, 1, beta);
    return;
  }
  const rows = rowsPerCall(m, n * k);
  for (let i: usize = 0; i < m; i += rows) {
    call(AS_IT_LIES, TRANSPOSED, min(rows, m - i), n, k, a + ((i * aRow) << 2), aRow, b, bRow, beta, c + ((i * cRow) << 2), cRow, base);
  }
}

/** The same with A as its transpose [k, m] in memory, in one call: a sum over the rows of both operands. */
export function productOfColumns(
  a: usize, aRow: usize, b: usize, bRow: usize, c: usize, cRow: usize,
  m: usize, n: usize, k: usize, beta: f32, base: f64,
): void {
  if (base == 0) gemm(a, b, c, m, n, k, 1, aRow, bRow, 1, cRow, 1, beta);
  else call(TRANSPOSED, AS_IT_LIES, m, n, k, a, aRow, b, bRow, beta, c, cRow, base);
}

/**
 * The same for operands that lie in the first-level cache: without a BLAS they are not packed, as both are read along their rows
 * anyway. With few rows packing takes as long as multiplying.
 */
export function productOfCachedColumns(
  a: usize, aRow: usize, b: usize, bRow: usize, c: usize, cRow: usize,
  m: usize, n: usize, k: usize, beta: f32, base: f64,
): void {
  if (base == 0 && m % 2 == 0 && n % PANEL == 0) columnTiles(a, aRow << 2, b, bRow << 2, c, cRow << 2, m, n, k, beta);
  else productOfColumns(a, aRow, b, bRow, c, cRow, m, n, k, beta, base);
}

/** Tiles of 2 × 16 as in matmul.simd.ts; C is gone through row by row, for it is the largest. Strides in bytes. */
function columnTiles(
  a: usize, aRow: usize, b: usize, bRow: usize, c: usize, cRow: usize, m: usize, n: usize, k: usize, beta: f32,
): void {
  for (let i: usize = 0; i < m; i += 2) {
    for (let j: usize = 0; j < n; j += PANEL) {
      const at = a + (i << 2);
      const to = c + i * cRow + (j << 2);
      tileOf(at, at + 4, aRow, b + (j << 2), bRow, to, to + cRow, k, 1, 1, beta, beta);
    }
  }
}

/** Multiples of eight, all about the same: from the sizes alone, so that whoever calls gets the same rounding. */
@inline
function rowsPerCall(m: usize, perRow: usize): usize {
  const most = UNPACKED / perRow;
  if (m <= most || most < LEAST) return m;
  return (m / ((m + most - 1) / most)) & ~7;
}

@inline
function call(
  transA: i32, transB: i32, m: usize, n: usize, k: usize, a: usize, aRow: usize, b: usize, bRow: usize,
  beta: f32, c: usize, cRow: usize, base: f64,
): void {
  sgemm(
    ROW_MAJOR, transA, transB, <i32>m, <i32>n, <i32>k, 1,
    base + <f64>a, <i32>aRow, base + <f64>b, <i32>bRow, beta, base + <f64>c, <i32>cRow,
  );
}
