import { divide, FLOAT, HEAVY, type Split } from "../00-runtime/split.ts";

/** Nanoseconds of one number: three exponentials. */
const NUMBER = 3 * HEAVY;

export const gruStep: Split = (gates, hidden, h, candidate, next, rows, cols) =>
  divide(
    rows,
    cols * NUMBER,
    (r, n) => {
      const row = FLOAT * r * cols;
      return [gates + 3 * row, hidden + 3 * row, h + row, candidate + row, next + row, n, cols];
    },
    1,
  );

export const gruGrad: Split = (gates, candidate, h, gy, dh, dx, dr, dhBefore, rows, cols) =>
  divide(
    rows,
    cols * HEAVY,
    (r, n) => {
      const row = FLOAT * r * cols;
      const read = [gates + 3 * row, candidate + row, h + row, gy + row, dh + row];
      return [...read, dx + 3 * row, dr + 3 * row, dhBefore + row, n, cols];
    },
    1,
  );
