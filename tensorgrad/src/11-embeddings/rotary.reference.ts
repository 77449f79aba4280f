import type { Floats } from "../00-runtime/arrays.ts";

/**
 * Turns the pair (x[i], x[i + half]) of row t by the angle of which table[t] holds the cosine (at i) and the sine
 * (at i + half); `sense` −1 turns back. Rows are contiguous; x and y are [outer, heads, rows, 2·half] with these strides.
 */
// exercise: rotary-turn
export function rotary(
  x: Floats,
  table: Floats,
  y: Floats,
  outer: number,
  heads: number,
  rows: number,
  half: number,
  xOuter: number,
  xHead: number,
  xRow: number,
  yOuter: number,
  yHead: number,
  yRow: number,
  sense: number,
): void {
  for (let o = 0; o < outer; o++) {
    for (let h = 0; h < heads; h++) {
      for (let t = 0; t < rows; t++) {
        const [from, to] = [o * xOuter + h * xHead + t * xRow, o * yOuter + h * yHead + t * yRow];
        for (let i = 0; i < half; i++) {
          const [cos, sin] = [table[2 * half * t + i], sense * table[2 * half * t + half + i]];
          const [a, b] = [x[from + i], x[from + half + i]];
          y[to + i] = a * cos - b * sin;
          y[to + half + i] = b * cos + a * sin;
        }
      }
    }
  }
}
