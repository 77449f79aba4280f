import type { Numbers } from "../../../00-runtime/arrays.ts";

/**
 * A kernel that combines two operands element by element.
 *
 *   y[r, c] = f(a[r·aRow + c·aCol], b[r·bRow + c·bCol])
 *
 * y is contiguous. A stride of 0 repeats an operand along that dim: broadcasting without a copy.
 */
export type BinaryKernel = (
  a: Numbers,
  b: Numbers,
  y: Numbers,
  rows: number,
  cols: number,
  aRow: number,
  aCol: number,
  bRow: number,
  bCol: number,
) => void;

function zip(f: (a: number, b: number) => number): BinaryKernel {
  return (a, b, y, rows, cols, aRow, aCol, bRow, bCol) => {
    let i = 0;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) y[i++] = f(a[r * aRow + c * aCol], b[r * bRow + c * bCol]);
    }
  };
}

export const add = zip((a, b) => a + b);
export const sub = zip((a, b) => a - b);
export const mul = zip((a, b) => a * b);
export const div = zip((a, b) => a / b);

/** C's pow, as in PyTorch: unlike JavaScript's, 1 to any power is 1, and so is −1 to ±∞. */
export const pow = zip((a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b));

// NaN wins over every number, and −0 is less than 0.
export const maximum = zip(Math.max);
export const minimum = zip(Math.min);

/** The angle of the point (b, a): a is its height. */
export const atan2 = zip(Math.atan2);
/** What is left of a after whole multiples of b, with the sign of a. Exact. */
export const fmod = zip((a, b) => a % b);
