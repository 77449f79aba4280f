import type { IndexKernel } from "./index-select.reference.ts";

// Layout as for indexSelect, but the index is [outer, count, inner], too.

/** y[o, j, i] = x[o, index[o, j, i], i] */
export const gather: IndexKernel = (x, index, y, outer, n, inner, count) => {
  for (let o = 0, k = 0; o < outer; o++) {
    for (let j = 0; j < count; j++) {
      for (let i = 0; i < inner; i++, k++) y[k] = x[(o * n + index[k]) * inner + i];
    }
  }
};

/** y[o, index[o, j, i], i] += x[o, j, i]: gather turned round. */
export const scatterAdd: IndexKernel = (x, index, y, outer, n, inner, count) => {
  for (let o = 0, k = 0; o < outer; o++) {
    for (let j = 0; j < count; j++) {
      for (let i = 0; i < inner; i++, k++) y[(o * n + index[k]) * inner + i] += x[k];
    }
  }
};
