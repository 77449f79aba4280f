import { divide, FLOAT, HEAVY, type Split } from "../00-runtime/split.ts";

export const crossEntropy: Split = (x, targets, loss, rows, cols) =>
  divide(rows, cols * HEAVY, (r, n) => {
    return [x + FLOAT * r * cols, targets + FLOAT * r, loss + FLOAT * r, n, cols];
  });

export const crossEntropyGrad: Split = (x, targets, g, dx, rows, cols) => {
  const [perRow, perElement] = [(r: number) => FLOAT * r, (r: number) => FLOAT * r * cols];
  return divide(rows, cols * HEAVY, (r, n) => {
    return [x + perElement(r), targets + perRow(r), g + perRow(r), dx + perElement(r), n, cols];
  });
};
