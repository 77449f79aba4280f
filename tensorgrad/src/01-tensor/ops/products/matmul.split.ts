import { listed, type Product } from "../../../00-runtime/product.ts";
import { type Division, divide, FLOAT } from "../../../00-runtime/split.ts";

/** Rows from which packing B once per thread is below a twentieth of the work. */
const TALL = 512;

/**
 * C is divided by rows or by columns. Rows leave each thread the stretch of memory that it will get again when the next kernel
 * goes through C element by element, as Adam does with a gradient; but every part packs all of B. Columns pack no part of B
 * twice, and A only where its rows have gaps.
 */
export function gemm(product: Product<number>): Division {
  const { a, b, c, m, n, k, aRow, aCol, bCol, cRow } = product;
  const cost = 0.5 + 0.03 * k; // per element of C: 60 GFLOP/s and what belongs to a tile
  const rows = (i: number, length: number) =>
    listed({ ...product, a: a + FLOAT * i * aRow, c: c + FLOAT * i * cRow, m: length });
  const columns = (j: number, length: number) =>
    listed({ ...product, b: b + FLOAT * j * bCol, c: c + FLOAT * j, n: length });
  const gaps = aCol !== 1;
  if (n < 64 || m >= TALL || (gaps && n <= 2 * m)) return divide(m, n * cost, rows, undefined, true);
  return divide(n, m * cost, columns, 32, gaps);
}
