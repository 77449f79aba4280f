import { power } from "../../../00-runtime/simd/power.simd";
import { atan2 as angleOf } from "../../../00-runtime/simd/trigonometry.simd";
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

@unmanaged @final class Atan2 { of(y: v128, x: v128): v128 { return angleOf(y, x); } }
/** Lane by lane: the quotient may have more digits than a vector of floats holds. */
@unmanaged @final class Fmod {
  of(a: v128, b: v128): v128 {
    const z = f32x4.splat(f32x4.extract_lane(a, 0) % f32x4.extract_lane(b, 0));
    const y = f32x4.replace_lane(z, 1, f32x4.extract_lane(a, 1) % f32x4.extract_lane(b, 1));
    const x = f32x4.replace_lane(y, 2, f32x4.extract_lane(a, 2) % f32x4.extract_lane(b, 2));
    return f32x4.replace_lane(x, 3, f32x4.extract_lane(a, 3) % f32x4.extract_lane(b, 3));
  }
}

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

export function atan2(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  zip<Atan2>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}

export function fmod(
  a: usize, b: usize, y: usize, rows: usize, cols: usize, aRow: usize, aCol: usize, bRow: usize, bCol: usize,
): void {
  zip<Fmod>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
}
