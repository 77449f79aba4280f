import type { Numbers } from "../../../00-runtime/arrays.ts";

/**
 * For every line of x [outer, n, inner] along the middle, the positions of its first `count` elements in
 * sorted order: y [outer, count, inner]. Equal elements keep their order; NaN is larger than every number.
 * `places` has room for 4n.
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
  const [order, spare] = [places.subarray(0, n), places.subarray(n, 2 * n)];
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const line = { x, start: o * n * inner + i, step: inner, sign };
      for (let j = 0; j < n; j++) order[j] = j;
      const sorted = mergeSort(line, order, spare);
      for (let j = 0; j < count; j++) y[(o * count + j) * inner + i] = sorted[j];
    }
  }
}

interface Line {
  readonly x: Numbers;
  readonly start: number;
  readonly step: number;
  readonly sign: number;
}

/**
 * Runs of 1, 2, 4, … places are merged in pairs, from one array into the other; the one that ends up sorted
 * is returned.
 */
function mergeSort(line: Line, order: Int32Array, spare: Int32Array): Int32Array {
  const n = order.length;
  for (let run = 1; run < n; run *= 2) {
    for (let start = 0; start < n; start += 2 * run) {
      const [middle, end] = [Math.min(start + run, n), Math.min(start + 2 * run, n)];
      merge(line, order, spare, start, middle, end);
    }
    [order, spare] = [spare, order];
  }
  return order;
}

/** Where elements are equal, the left run goes first: that keeps their order. */
function merge(
  line: Line,
  from: Int32Array,
  to: Int32Array,
  start: number,
  middle: number,
  end: number,
): void {
  let [left, right] = [start, middle];
  for (let i = start; i < end; i++) {
    const takeLeft = right === end || (left < middle && compare(line, from[left], from[right]) <= 0);
    to[i] = takeLeft ? from[left++] : from[right++];
  }
}

function compare({ x, start, step, sign }: Line, j: number, k: number): number {
  const [a, b] = [x[start + j * step], x[start + k * step]];
  if (a < b) return -sign;
  if (a > b) return sign;
  return sign * (Number(Number.isNaN(a)) - Number(Number.isNaN(b)));
}

/**
 * The same where `count` is small: a list of the best so far, kept in order. Most elements are turned away by
 * one look at its last place, so a line costs about n comparisons.
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
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const line = { x, start: o * n * inner + i, step: inner, sign: descending ? -1 : 1 };
      for (let j = 0; j < n; j++) {
        let place = Math.min(j, count);
        while (place > 0 && compare(line, j, places[place - 1]) < 0) {
          if (place < count) places[place] = places[place - 1];
          place--;
        }
        if (place < count) places[place] = j;
      }
      for (let j = 0; j < count; j++) y[(o * count + j) * inner + i] = places[j];
    }
  }
}
