import type { Numbers } from "../../../00-runtime/arrays.ts";

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
export const copy: CopyKernel = (x, y, rows, cols, xRow, xCol, yRow, yCol) => {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) y[r * yRow + c * yCol] = x[r * xRow + c * xCol];
  }
};

/** Copies between arrays of any two types, converting as typed arrays do: integers truncate and wrap. */
export const cast: CopyKernel = (...args) => copy(...args);

/** y = value, everywhere. */
export function fill(y: Numbers, n: number, value: number): void {
  for (let i = 0; i < n; i++) y[i] = value;
}

/** y += x, contiguous: how gradients accumulate. */
export function addTo(x: Numbers, y: Numbers, n: number): void {
  for (let i = 0; i < n; i++) y[i] += x[i];
}
