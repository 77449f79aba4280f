import type { Numbers } from "../../../00-runtime/arrays.ts";
import type { CompareKernel } from "./compare.reference.ts";

/** Operands are booleans, one byte each, 0 or 1; strides as in arithmetic.reference.ts. */
function zip(holds: (a: number, b: number) => number): CompareKernel {
  return (a, b, y, rows, cols, aRow, aCol, bRow, bCol) => {
    let i = 0;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) y[i++] = holds(a[r * aRow + c * aCol], b[r * bRow + c * bCol]);
    }
  };
}

export const logicalAnd = zip((a, b) => a & b);
export const logicalOr = zip((a, b) => a | b);
export const logicalXor = zip((a, b) => a ^ b);

/** y = 1 − x, contiguous. */
export function logicalNot(x: Numbers, y: Numbers, n: number): void {
  for (let i = 0; i < n; i++) y[i] = x[i] ^ 1;
}
