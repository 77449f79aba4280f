import type { Numbers } from "../../../00-runtime/arrays.ts";

/**
 * For every matrix of x [batch, rows, cols], contiguous: y[r, c] = x[r, c] where c − r ≤ diagonal, else 0;
 * with upper = 1 where c − r ≥ diagonal.
 */
export function triangle(
  x: Numbers,
  y: Numbers,
  batch: number,
  rows: number,
  cols: number,
  diagonal: number,
  upper: number,
): void {
  for (let i = 0, line = 0; line < batch * rows; line++) {
    const edge = (line % rows) + diagonal;
    for (let c = 0; c < cols; c++, i++) y[i] = (upper ? c >= edge : c <= edge) ? x[i] : 0;
  }
}
