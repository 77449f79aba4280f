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

/**
 * The same where `count` is small: a list of the best so far, kept in order. Most elements are turned away by one look at
 * its last place, so a line costs about n comparisons.
 */
export function topk(
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
      for (let j = 0; j < n; j++) {
        let place = Math.min(j, count);
        while (place > 0 && sign * compare(at(j), at(places[place - 1])) < 0) {
          if (place < count) places[place] = places[place - 1];
          place--;
        }
        if (place < count) places[place] = j;
      }
      for (let j = 0; j < count; j++) y[(o * count + j) * inner + i] = places[j];
    }
  }
}

function compare(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
