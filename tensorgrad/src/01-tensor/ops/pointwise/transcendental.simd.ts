import { map } from "../../../00-runtime/simd/map.simd";
import { splat } from "../../../00-runtime/simd/polynomial.simd";
import { logarithm, power } from "../../../00-runtime/simd/power.simd";
import * as math from "../../../00-runtime/simd/simd-math.simd";
import * as trigonometry from "../../../00-runtime/simd/trigonometry.simd";

@unmanaged @final class Tan {
  @inline of(x: v128): v128 { return f32x4.div(trigonometry.sin(x), trigonometry.cos(x)); }
}
/** asin x = atan(x/√(1 − x²)). Both factors of 1 − x² are exact where they are small. */
@unmanaged @final class Asin {
  @inline of(x: v128): v128 {
    const one = splat(math.ONE);
    const root = f32x4.sqrt(f32x4.mul(f32x4.sub(one, x), f32x4.add(one, x)));
    return trigonometry.atan(f32x4.div(x, root));
  }
}
/** acos x = 2·atan √((1 − x)/(1 + x)) */
@unmanaged @final class Acos {
  @inline of(x: v128): v128 {
    const one = splat(math.ONE);
    const half = trigonometry.atan(f32x4.sqrt(f32x4.div(f32x4.sub(one, x), f32x4.add(one, x))));
    return f32x4.add(half, half);
  }
}

const FAR = memory.data<f32>([9.5]); // e⁻ˣ is less than a quarter of the last place of eˣ

/** e^|x| / 2 from its root, which does not overflow before the half does. */
@inline
function halfExp(root: v128): v128 {
  return f32x4.mul(f32x4.mul(root, splat(math.HALF)), root);
}

/** With t = e^|x| − 1, sinh |x| = (t + t/(t + 1))/2; far out e^|x|/2. */
@unmanaged @final class Sinh {
  @inline of(x: v128): v128 {
    const size = f32x4.abs(x);
    const far = halfExp(math.exp(f32x4.mul(size, splat(math.HALF))));
    const t = math.expm1(size);
    const twice = f32x4.add(t, f32x4.div(t, f32x4.add(t, splat(math.ONE))));
    const near = f32x4.mul(twice, splat(math.HALF));
    return v128.or(v128.bitselect(far, near, f32x4.gt(size, splat(FAR))), math.signOf(x));
  }
}
/** cosh x = e^|x|/2 + 1/(2·e^|x|) */
@unmanaged @final class Cosh {
  @inline of(x: v128): v128 {
    const root = math.exp(f32x4.mul(f32x4.abs(x), splat(math.HALF)));
    return f32x4.add(halfExp(root), f32x4.div(splat(math.HALF), f32x4.mul(root, root)));
  }
}
@unmanaged @final class Exp2 { of(x: v128): v128 { return power(f32x4.splat(2), x); } }
@unmanaged @final class Log2 { of(x: v128): v128 { return logarithm(x, 1); } }
@unmanaged @final class Log10 { of(x: v128): v128 { return logarithm(x, 0.3010299956639812); } }

export function tan(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Tan>(x, y, rows, cols, xRow, xCol);
}

export function asin(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Asin>(x, y, rows, cols, xRow, xCol);
}

export function acos(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Acos>(x, y, rows, cols, xRow, xCol);
}

export function sinh(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Sinh>(x, y, rows, cols, xRow, xCol);
}

export function cosh(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Cosh>(x, y, rows, cols, xRow, xCol);
}

export function exp2(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Exp2>(x, y, rows, cols, xRow, xCol);
}

export function log2(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Log2>(x, y, rows, cols, xRow, xCol);
}

export function log10(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Log10>(x, y, rows, cols, xRow, xCol);
}
