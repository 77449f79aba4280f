import type { Numbers } from "../../../00-runtime/arrays.ts";

/**
 * A kernel that reduces every row of a strided matrix to one number: y[r] = reduction of x[r·xRow + c·xCol]
 * over c. Sums over columns, or over any block of dims, are the same kernel with other strides.
 */
export type ReduceKernel = (
  x: Numbers,
  y: Numbers,
  rows: number,
  cols: number,
  xRow: number,
  xCol: number,
) => void;

function eachRow(reduce: (x: Numbers, start: number, step: number, n: number) => number): ReduceKernel {
  return (x, y, rows, cols, xRow, xCol) => {
    for (let r = 0; r < rows; r++) y[r] = reduce(x, r * xRow, xCol, cols);
  };
}

/**
 * Pairwise summation: halves are summed apart and then added, so rounding errors grow with log n instead of
 * n. Source: Higham 1993, The accuracy of floating point summation.
 */
function pairwise(x: Numbers, start: number, step: number, n: number): number {
  if (n <= 16) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += x[start + i * step];
    return sum;
  }
  const half = n >> 1;
  return pairwise(x, start, step, half) + pairwise(x, start + half * step, step, n - half);
}

export const sum = eachRow(pairwise);

export const prod = eachRow((x, start, step, n) => {
  let product = 1;
  for (let i = 0; i < n; i++) product *= x[start + i * step];
  return product;
});

// NaN wins over every number.
export const max = eachRow((x, start, step, n) => {
  let largest = -Infinity;
  for (let i = 0; i < n; i++) largest = Math.max(largest, x[start + i * step]);
  return largest;
});

export const min = eachRow((x, start, step, n) => {
  let smallest = Infinity;
  for (let i = 0; i < n; i++) smallest = Math.min(smallest, x[start + i * step]);
  return smallest;
});

/** The position of the first element that beats all before it; the first NaN, if there is one, wins. */
function firstBest(beats: (value: number, best: number) => boolean) {
  return (x: Numbers, start: number, step: number, n: number) => {
    let best = 0;
    for (let i = 1; i < n; i++) {
      const [value, leader] = [x[start + i * step], x[start + best * step]];
      if (beats(value, leader) || (Number.isNaN(value) && !Number.isNaN(leader))) best = i;
    }
    return best;
  };
}

/** y is an Int32Array. */
export const argmax = eachRow(firstBest((value, best) => value > best));
/** y is an Int32Array. */
export const argmin = eachRow(firstBest((value, best) => value < best));
