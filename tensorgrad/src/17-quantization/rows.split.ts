import { divide, FLOAT, LIGHT, type Split } from "../00-runtime/split.ts";

/** Two passes with a division in each. */
export const quantizeRows: Split = (x, q, scale, zero, rows, cols, ...rest) =>
  divide(
    rows,
    cols * 4 * LIGHT,
    (r, n) => [x + FLOAT * r * cols, q + r * cols, scale + FLOAT * r, zero + r, n, cols, ...rest],
    1,
  );

export const rescaleRows: Split = (y, sum, scale, zero, scales, weights, bias, rows, cols, biased) =>
  divide(
    rows,
    cols * 2 * LIGHT,
    (r, n) => {
      const [first, row] = [FLOAT * r * cols, FLOAT * r];
      return [y + first, sum + first, scale + row, zero + r, scales, weights, bias, n, cols, biased];
    },
    1,
  );
