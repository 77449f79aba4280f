import type { Numbers } from "../../../00-runtime/arrays.ts";

// x and y are [outer, n, inner], contiguous.

/** y[o, j, i] = Σ x[o, k, i] over k ≤ j; with reverse = 1 over k ≥ j. */
export function cumsum(
  x: Numbers,
  y: Numbers,
  outer: number,
  n: number,
  inner: number,
  reverse: number,
): void {
  const [first, step] = reverse ? [n - 1, -inner] : [0, inner];
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let sum = 0;
      for (let j = 0, at = (o * n + first) * inner + i; j < n; j++, at += step) {
        sum += x[at];
        y[at] = sum;
      }
    }
  }
}

/** y[o, j, i] = x[o, n − 1 − j, i] */
export function flip(x: Numbers, y: Numbers, outer: number, n: number, inner: number): void {
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < n; j++) {
      const [from, to] = [(o * n + n - 1 - j) * inner, (o * n + j) * inner];
      for (let i = 0; i < inner; i++) y[to + i] = x[from + i];
    }
  }
}
