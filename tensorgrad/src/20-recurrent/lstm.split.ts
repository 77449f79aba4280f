import { divide, FLOAT, HEAVY, type Split } from "../00-runtime/split.ts";

/** Nanoseconds of one cell: four exponentials or five. */
const CELL = 4 * HEAVY;

export const lstmStep: Split = (gates, c, next, h, rows, cols) =>
  divide(
    rows,
    cols * CELL,
    (r, n) => {
      const row = FLOAT * r * cols;
      return [gates + 4 * row, c + row, next + row, h + row, n, cols];
    },
    1,
  );

export const lstmGrad: Split = (gates, c, next, gy, dh, dc, dz, dcBefore, rows, cols) =>
  divide(
    rows,
    cols * 2 * HEAVY,
    (r, n) => {
      const row = FLOAT * r * cols;
      const moved = [gates + 4 * row, c + row, next + row, gy + row, dh + row, dc + row];
      return [...moved, dz + 4 * row, dcBefore + row, n, cols];
    },
    1,
  );
