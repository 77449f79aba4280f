import type { Numbers } from "../../../00-runtime/arrays.ts";

/**
 * A kernel that answers a question about two operands element by element: y[r, c] is 1 for yes, 0 for no.
 * Strides as in arithmetic.reference.ts.
 */
export type CompareKernel = (
  a: Numbers,
  b: Numbers,
  y: Uint8Array,
  rows: number,
  cols: number,
  aRow: number,
  aCol: number,
  bRow: number,
  bCol: number,
) => void;

function zip(holds: (a: number, b: number) => boolean): CompareKernel {
  return (a, b, y, rows, cols, aRow, aCol, bRow, bCol) => {
    let i = 0;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) y[i++] = holds(a[r * aRow + c * aCol], b[r * bRow + c * bCol]) ? 1 : 0;
    }
  };
}

// Every comparison with NaN is false, except that NaN is unequal to everything.
export const eq = zip((a, b) => a === b);
export const ne = zip((a, b) => a !== b);
export const lt = zip((a, b) => a < b);
export const le = zip((a, b) => a <= b);
export const gt = zip((a, b) => a > b);
export const ge = zip((a, b) => a >= b);

/**
 * y[r, c] = a[r, c] where condition[r, c] is not 0, else b[r, c]; three operands with strides of their own.
 */
export function where(
  a: Numbers,
  b: Numbers,
  condition: Uint8Array,
  y: Numbers,
  rows: number,
  cols: number,
  aRow: number,
  aCol: number,
  bRow: number,
  bCol: number,
  cRow: number,
  cCol: number,
): void {
  let i = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      y[i++] = condition[r * cRow + c * cCol] !== 0 ? a[r * aRow + c * aCol] : b[r * bRow + c * bCol];
    }
  }
}
