import { divide, FLOAT, LIGHT, type Split } from "../../../00-runtime/split.ts";

/** Rows that lie side by side are reduced together, a vector or a cache line at a time. */
const split: Split = (x, y, rows, cols, xRow, xCol) => {
  const part = (r: number, length: number) => [x + FLOAT * r * xRow, y + FLOAT * r, length, cols, xRow, xCol];
  return divide(rows, cols * LIGHT, part, xRow === 1 ? 16 : 1);
};

export { split as argmax, split as argmin, split as max, split as min, split as prod, split as sum };
