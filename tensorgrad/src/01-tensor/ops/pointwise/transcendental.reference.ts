import type { Numbers } from "../../../00-runtime/arrays.ts";
import type { UnaryKernel } from "./elementwise.reference.ts";

// y[r, c] = f(x[r·xRow + c·xCol]), y contiguous.

function map(f: (x: number) => number): UnaryKernel {
  return (x: Numbers, y: Numbers, rows, cols, xRow, xCol) => {
    let i = 0;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) y[i++] = f(x[r * xRow + c * xCol]);
    }
  };
}

export const tan = map(Math.tan);
export const asin = map(Math.asin);
export const acos = map(Math.acos);
export const sinh = map(Math.sinh);
export const cosh = map(Math.cosh);
export const exp2 = map((x) => 2 ** x);
export const log2 = map(Math.log2);
export const log10 = map(Math.log10);
