import { divide, FLOAT, LIGHT, type Split } from "../00-runtime/split.ts";

/** By the outermost dim; a single sequence by its positions. */
export const rotary: Split = (x, table, y, outer, heads, rows, half, ...rest) => {
  const [xOuter, , xRow, yOuter, , yRow] = rest;
  const cost = heads * 2 * half * LIGHT;
  if (outer > 1)
    return divide(
      outer,
      rows * cost,
      (o, n) => [x + FLOAT * o * xOuter, table, y + FLOAT * o * yOuter, n, heads, rows, half, ...rest],
      1,
    );
  return divide(
    rows,
    cost,
    (t, n) => {
      const angles = table + FLOAT * t * 2 * half;
      return [x + FLOAT * t * xRow, angles, y + FLOAT * t * yRow, outer, heads, n, half, ...rest];
    },
    1,
  );
};
