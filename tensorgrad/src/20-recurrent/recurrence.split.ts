import { divide, FLOAT, LIGHT, type Split } from "../00-runtime/split.ts";

export const holdRows: Split = (from, to, lengths, rows, cols, t) =>
  divide(
    rows,
    cols * LIGHT,
    (r, n) => {
      const row = FLOAT * r * cols;
      return [from + row, to + row, lengths + FLOAT * r, n, cols, t];
    },
    1,
  );
