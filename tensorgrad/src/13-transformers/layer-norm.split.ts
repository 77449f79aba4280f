import { divide, FLOAT, HEAVY, LIGHT, type Split } from "../00-runtime/split.ts";

export const layerNorm: Split = (x, w, b, y, stats, rows, cols, eps) =>
  divide(rows, cols * HEAVY, (r, n) => {
    const [element, row] = [FLOAT * r * cols, 3 * FLOAT * r];
    return [x + element, w, b, y + element, stats + row, n, cols, eps];
  });

export const layerNormGrad: Split = (x, w, stats, g, dx, rows, cols) =>
  divide(rows, cols * HEAVY, (r, n) => {
    const [element, row] = [FLOAT * r * cols, 3 * FLOAT * r];
    return [x + element, w, stats + row, g + element, dx + element, n, cols];
  });

/** By columns: every column is a sum over all rows. */
export const layerNormGradWeight: Split = (x, stats, g, dw, rows, cols, step) =>
  divide(cols, rows * LIGHT, (c, n) => {
    const column = FLOAT * c;
    return [x + column, stats, g + column, dw + column, rows, n, step];
  });
