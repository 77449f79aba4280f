import { divide, FLOAT, type Split } from "../00-runtime/split.ts";

/** By columns: every thread makes integers of the rows for itself, and streams weights of its own. */
export const linearInt8: Split = (x, w, y, scales, weights, bias, rows, outputs, inputs, ...rest) => {
  const part = (j: number, length: number) => {
    const at = FLOAT * j;
    const parts = [w + j * inputs, y + at, scales + at, weights + at, bias + at];
    return [x, ...parts, rows, length, inputs, ...rest];
  };
  return divide(outputs, (rows + 1) * 0.035 * inputs, part, 16, true);
};
