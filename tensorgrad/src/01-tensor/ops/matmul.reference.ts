import type { Numbers } from "../../00-runtime/arrays.ts";

/**
 * The matrix product with everything around it that a layer needs (BLAS calls it gemm).
 *
 *   C[i, j] = alpha · Σₚ A[i, p] · B[p, j] + beta · C[i, j]
 *
 * A is [m, k], B is [k, n], C is [m, n]. Element (i, p) of A lies at i·aRow + p·aCol, so that a transposed
 * matrix is the same data with its two strides exchanged. C's columns are adjacent.
 * beta = 0 overwrites C without reading it: whatever was there, NaN included, does not leak in.
 */
export function gemm(
  a: Numbers,
  b: Numbers,
  c: Numbers,
  m: number,
  n: number,
  k: number,
  aRow: number,
  aCol: number,
  bRow: number,
  bCol: number,
  cRow: number,
  alpha: number,
  beta: number,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * aRow + p * aCol] * b[p * bRow + j * bCol];
      c[i * cRow + j] = alpha * sum + (beta === 0 ? 0 : beta * c[i * cRow + j]);
    }
  }
}
