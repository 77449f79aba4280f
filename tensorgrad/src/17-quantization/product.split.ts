import { type Division, divide, FLOAT, type Split } from "../00-runtime/split.ts";

/** By columns, so that each thread streams weights of its own; by rows where there are more of those. */
export const productInt8: Split = (a, w, y, m, n, k, yRow): Division => {
  const rows = (i: number, length: number) => [a + i * k, w, y + FLOAT * i * yRow, length, n, k, yRow];
  const columns = (j: number, length: number) => [a, w + j * k, y + FLOAT * j, m, length, k, yRow];
  const each = 0.03 * k; // nanoseconds of k products
  return m > n ? divide(m, n * each, rows, 2) : divide(n, m * each, columns, 16);
};
