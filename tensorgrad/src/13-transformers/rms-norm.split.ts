import { divide, FLOAT, LIGHT, type Split } from "../00-runtime/split.ts";

/** Two passes over a row that lies in the cache. */
const COST = 2 * LIGHT;

export const rmsNorm: Split = (x, w, y, stats, rows, cols, eps) =>
  divide(rows, cols * COST, (r, n) => {
    const [element, row] = [FLOAT * r * cols, 3 * FLOAT * r];
    return [x + element, w, y + element, stats + row, n, cols, eps];
  });

export const rmsNormGrad: Split = (x, w, stats, g, dx, rows, cols) =>
  divide(rows, cols * COST, (r, n) => {
    const [element, row] = [FLOAT * r * cols, 3 * FLOAT * r];
    return [x + element, w, stats + row, g + element, dx + element, n, cols];
  });
