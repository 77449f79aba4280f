import type { Numbers } from "../../../00-runtime/arrays.ts";

// g, a and y are [outer, n, inner], contiguous.

/** y[o, j, i] = g[o, j, i] + a[o, j, i]·y[o, j − 1, i]; with reverse = 1, g[o, j, i] + a[o, j + 1, i]·y[o, j + 1, i]. */
export function recurrence(
  g: Numbers,
  a: Numbers,
  y: Numbers,
  outer: number,
  n: number,
  inner: number,
  reverse: number,
): void {
  const [first, step, link] = reverse ? [n - 1, -inner, inner] : [0, inner, 0];
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let last = 0;
      for (let j = 0, at = (o * n + first) * inner + i; j < n; j++, at += step) {
        last = j === 0 ? g[at] : g[at] + a[at + link] * last;
        y[at] = last;
      }
    }
  }
}
