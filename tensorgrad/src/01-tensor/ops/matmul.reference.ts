import type { Numbers } from "../../00-runtime/arrays.ts";
import { type Division, divide, FLOAT, type Split } from "../../00-runtime/split.ts";

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
gemm.split = splitProduct satisfies Split;

/**
 * Columns of C, or its rows: what is divided is not packed twice, and what is not, is packed by every thread. A is packed
 * only where its rows have gaps, B always.
 */
function splitProduct(...[a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta]: number[]): Division {
  const cost = 0.5 + 0.03 * k; // per element of C: 60 GFLOP/s and what belongs to a tile
  const shared = [k, aRow, aCol, bRow, bCol, cRow, alpha, beta];
  const byRows = divide(m, n * cost, (i, rows) => {
    return [a + FLOAT * i * aRow, b, c + FLOAT * i * cRow, rows, n, ...shared];
  });
  const byColumns = divide(
    n,
    m * cost,
    (j, cols) => [a, b + FLOAT * j * bCol, c + FLOAT * j, m, cols, ...shared],
    32,
  );
  if (aCol === 1 && n >= 64) return byColumns;
  return { ...(n >= m ? byColumns : byRows), repeats: true };
}
