import type { Numbers } from "../../../00-runtime/arrays.ts";
import { type Division, divide, FLOAT, type Split } from "../../../00-runtime/split.ts";

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

/** Rows from which packing B once per thread is below a twentieth of the work. */
const TALL = 512;

/**
 * C is divided by rows or by columns. Rows leave each thread the stretch of memory that it will get again when the next kernel
 * goes through C element by element, as Adam does with a gradient; but every part packs all of B. Columns pack no part of B
 * twice, and A only where its rows have gaps.
 */
function splitProduct(...[a, b, c, m, n, k, aRow, aCol, bRow, bCol, cRow, alpha, beta]: number[]): Division {
  const cost = 0.5 + 0.03 * k; // per element of C: 60 GFLOP/s and what belongs to a tile
  const shared = [k, aRow, aCol, bRow, bCol, cRow, alpha, beta];
  const rows = (i: number, length: number) => [
    a + FLOAT * i * aRow,
    b,
    c + FLOAT * i * cRow,
    length,
    n,
    ...shared,
  ];
  const columns = (j: number, length: number) => [
    a,
    b + FLOAT * j * bCol,
    c + FLOAT * j,
    m,
    length,
    ...shared,
  ];
  const gaps = aCol !== 1;
  if (n < 64 || m >= TALL || (gaps && n <= 2 * m)) return { ...divide(m, n * cost, rows), repeats: true };
  return { ...divide(n, m * cost, columns, 32), repeats: gaps };
}
