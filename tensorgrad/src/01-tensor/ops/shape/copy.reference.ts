import type { Numbers } from "../../../00-runtime/arrays.ts";
import { divideMatrix, divisible, FLOAT, LIGHT, splitElements } from "../../../00-runtime/split.ts";

/**
 * A kernel that moves a strided matrix: y[r·yRow + c·yCol] = x[r·xRow + c·xCol].
 */
export type CopyKernel = (
  x: Numbers,
  y: Numbers,
  rows: number,
  cols: number,
  xRow: number,
  xCol: number,
  yRow: number,
  yCol: number,
) => void;

/** Copies between arrays of one type: how views become contiguous and slices are written. */
export const copy: CopyKernel = divisible(
  (x, y, rows, cols, xRow, xCol, yRow, yCol) =>
    divideMatrix(rows, cols, LIGHT, false, (r, c, height, width) => {
      const [from, to] = [x + FLOAT * (r * xRow + c * xCol), y + FLOAT * (r * yRow + c * yCol)];
      return [from, to, height, width, xRow, xCol, yRow, yCol];
    }),
  (x, y, rows, cols, xRow, xCol, yRow, yCol) => {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) y[r * yRow + c * yCol] = x[r * xRow + c * xCol];
    }
  },
);
Object.assign(copy, { moves: true });

/** Copies between arrays of any two types, converting as typed arrays do: integers truncate and wrap. */
export const cast: CopyKernel = (...args) => copy(...args);

/** y = value, everywhere. */
export function fill(y: Numbers, n: number, value: number): void {
  for (let i = 0; i < n; i++) y[i] = value;
}
fill.split = splitElements(1, LIGHT);

/** y += x, contiguous: how gradients accumulate. */
export function addTo(x: Numbers, y: Numbers, n: number): void {
  for (let i = 0; i < n; i++) y[i] += x[i];
}
addTo.split = splitElements(2, LIGHT);
