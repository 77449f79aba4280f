import { power } from "../../../00-runtime/simd/power.simd";
import { zip } from "../../../00-runtime/simd/zip.simd";

@unmanaged @final class Add { @inline of(a: v128, b: v128): v128 { return f32x4.add(a, b); } }
@unmanaged @final class Sub { @inline of(a: v128, b: v128): v128 { return f32x4.sub(a, b); } }
@unmanaged @final class Mul { @inline of(a: v128, b: v128): v128 { return f32x4.mul(a, b); } }
@unmanaged @final class Div { @inline of(a: v128, b: v128): v128 { return f32x4.div(a, b); } }
@unmanaged @final class Pow { of(a: v128, b: v128): v128 { return power(a, b); } }
@unmanaged @final class Square { @inline of(a: v128, b: v128): v128 { return f32x4.mul(a, a); } }
// WebAssembly's own max and min: NaN wins over every number, and −0 is less than 0.
@unmanaged @final class Maximum { @inline of(a: v128, b: v128): v128 { return f32x4.max(a, b); } }
@unmanaged @final class Minimum { @inline of(a: v128, b: v128): v128 { return f32x4.min(a, b); } }

export function add(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  zip<Add>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}

export function sub(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  zip<Sub>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}

export function mul(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  zip<Mul>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}

export function div(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  zip<Div>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}

/** Squares are by far the most frequent powers, and need no logarithm. */
export function pow(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  if (rows * cols == 0) return;
  if (bRow == 0 && bCol == 0 && load<f32>(b) == 2) zip<Square>(a, b, y, rows, cols, aRow, aCol, 0, 0);
  else zip<Pow>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}

export function maximum(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  zip<Maximum>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}

export function minimum(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  zip<Minimum>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}
