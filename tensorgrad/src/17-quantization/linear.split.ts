import { divide, FLOAT, type Split } from "../00-runtime/split.ts";

/** So many rows are divided by rows. Of fewer, every thread makes integers for itself, and streams weights of its own. */
const MANY = 32;
const PRODUCT = 0.03; // nanoseconds
const ROUNDED = 0.5; // to an integer and back

export const linearInt8: Split = (x, w, y, scales, weights, bias, rows, outputs, inputs, yRow, ...rest) => {
  const columns = (j: number, length: number) => {
    const at = FLOAT * j;
    const parts = [w + j * inputs, y + at, scales + at, weights + at, bias + at];
    return [x, ...parts, rows, length, inputs, yRow, ...rest];
  };
  const some = (r: number, length: number) => {
    const [from, to] = [x + FLOAT * r * inputs, y + FLOAT * r * yRow];
    return [from, w, to, scales, weights, bias, length, outputs, inputs, yRow, ...rest];
  };
  return rows > MANY
    ? divide(rows, outputs * (ROUNDED + PRODUCT * inputs), some, 2)
    : divide(outputs, rows * (ROUNDED + PRODUCT * inputs), columns, 16, true);
};
