import type { Numbers } from "../../00-runtime/arrays.ts";

/**
 * For every line of x [outer, n, inner] along the middle, the positions of its first `count` elements in sorted order:
 * y [outer, count, inner]. Equal elements keep their order; NaN is larger than every number. `places` has room for n.
 */
export function argsort(
  x: Numbers,
  places: Int32Array,
  y: Int32Array,
  outer: number,
  n: number,
  inner: number,
  count: number,
  descending: number,
): void {
  const sign = descending ? -1 : 1;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = (j: number) => x[(o * n + j) * inner + i];
      for (let j = 0; j < n; j++) places[j] = j;
      places.subarray(0, n).sort((j, k) => sign * compare(at(j), at(k)));
      for (let j = 0; j < count; j++) y[(o * count + j) * inner + i] = places[j];
    }
  }
}

function compare(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
