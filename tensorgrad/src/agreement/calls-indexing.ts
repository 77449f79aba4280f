// Calls of the kernels that move elements: by index, in order, along a line.

import { anyNumbers, type Calls, type KernelCall, numbersIn, type Uniform } from "./calls.ts";

const float32 = (n: number) => new Float32Array(n);

/** [outer, n, inner]: whole tensors, rows, columns, one element, none; around the widths of vectors and of copies. */
const LINES = [
  [1, 1, 1],
  [1, 17, 1],
  [3, 5, 1],
  [2, 9, 4],
  [3, 4, 7],
  [2, 6, 130],
  [1, 3, 1500],
  [4, 300, 1],
  [0, 4, 2],
  [2, 4, 0],
] as const;

const COUNTS = [0, 1, 5, 40];

const indicesBelow = (random: Uniform, n: number, count: number): Int32Array =>
  Int32Array.from({ length: count }, () => Math.floor(random() * n));

/** Calls of kernels (x, index, y, outer, n, inner, count) that look up x [outer, n, inner]. */
export const lookupCalls = (everywhere: boolean): Calls =>
  function* (random) {
    for (const [outer, n, inner] of LINES) {
      for (const count of COUNTS) {
        const size = outer * count * inner;
        const index = indicesBelow(random, n, everywhere ? size : count);
        yield [anyNumbers(random, outer * n * inner), index, float32(size), outer, n, inner, count];
      }
    }
  };

/** Calls of kernels that add x [outer, count, inner] into y [outer, n, inner], some elements more than once. */
export const additionCalls = (everywhere: boolean): Calls =>
  function* (random) {
    for (const [outer, n, inner] of LINES) {
      for (const count of COUNTS) {
        const size = outer * count * inner;
        const index = indicesBelow(random, n, everywhere ? size : count);
        yield [numbersIn(random, size), index, numbersIn(random, outer * n * inner), outer, n, inner, count];
      }
    }
  };

/** Calls of kernels (x, y, outer, n, inner, …settings). */
export const lineCalls = (
  numbers: (random: Uniform, n: number) => Float32Array,
  ...settings: readonly (readonly number[])[]
): Calls =>
  function* (random) {
    for (const [outer, n, inner] of [...LINES, [1, 5000, 1], [1, 700, 5]] as const) {
      for (const setting of settings) {
        const x = numbers(random, outer * n * inner);
        yield [x, float32(x.length), outer, n, inner, ...setting];
      }
    }
  };

/** Calls of triangle(x, y, batch, rows, cols, diagonal, upper). */
export function* triangleCalls(random: Uniform): Iterable<KernelCall> {
  for (const [batch, rows, cols] of [...LINES, [2, 7, 7], [1, 3, 300]] as const) {
    for (const diagonal of [0, 1, -2, 500, -500]) {
      for (const upper of [0, 1]) {
        const x = anyNumbers(random, batch * rows * cols);
        yield [x, float32(x.length), batch, rows, cols, diagonal, upper];
      }
    }
  }
}

/** Calls of argsort and topk(x, places, y, outer, n, inner, count, descending): ties, NaN, ±0, all of every size. */
export function* sortCalls(random: Uniform): Iterable<KernelCall> {
  const ties = (n: number) => numbersIn(random, n).map((x) => (random() < 0.05 ? NaN : Math.trunc(x) / 2));
  for (const [outer, n, inner] of [...LINES, [3, 39, 1], [3, 40, 1], [2, 41, 3], [1, 1000, 1]] as const) {
    for (const descending of [0, 1]) {
      for (const count of new Set([0, 1, n >> 1, n])) {
        const [places, y] = [new Int32Array(4 * n), new Int32Array(outer * count * inner)];
        const size = outer * n * inner;
        for (const x of [anyNumbers(random, size), ties(size), float32(size).fill(NaN)])
          yield [x, places, y, outer, n, inner, count, descending];
      }
    }
  }
}
