import type { Numbers } from "../../../00-runtime/arrays.ts";

/**
 * x and y are contiguous: [outer, n, inner] on the side that is looked up, [outer, count, inner] on the other. Indices
 * are known to lie below n.
 */
export type IndexKernel = (
  x: Numbers,
  index: Numbers,
  y: Numbers,
  outer: number,
  n: number,
  inner: number,
  count: number,
) => void;

/** y[o, j, i] = x[o, index[j], i] */
export const indexSelect: IndexKernel = (x, index, y, outer, n, inner, count) => {
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < count; j++) {
      const [from, to] = [(o * n + index[j]) * inner, (o * count + j) * inner];
      for (let i = 0; i < inner; i++) y[to + i] = x[from + i];
    }
  }
};

/** y[o, index[j], i] += x[o, j, i]: indexSelect turned round. */
export const indexAdd: IndexKernel = (x, index, y, outer, n, inner, count) => {
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < count; j++) {
      const [from, to] = [(o * count + j) * inner, (o * n + index[j]) * inner];
      for (let i = 0; i < inner; i++) y[to + i] += x[from + i];
    }
  }
};
