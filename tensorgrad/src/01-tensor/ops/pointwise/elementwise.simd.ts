import * as normal from "../../../00-runtime/random/normal.simd";
import * as math from "../../../00-runtime/simd/simd-math.simd";
import * as logistic from "../../../00-runtime/simd/sigmoid.simd";
import * as trigonometry from "../../../00-runtime/simd/trigonometry.simd";
import { gatherLanes, storeLanes } from "../../../00-runtime/simd/lanes.simd";
import { chain, chainNear, map, mapLight, mapNear, mapPairs } from "../../../00-runtime/simd/map.simd";

@unmanaged @final class Neg { @inline of(x: v128): v128 { return f32x4.neg(x); } }
@unmanaged @final class Abs { @inline of(x: v128): v128 { return f32x4.abs(x); } }
@unmanaged @final class Sign {
  @inline of(x: v128): v128 {
    const zero = f32x4.splat(0);
    const nonZero = v128.or(f32x4.lt(x, zero), f32x4.gt(x, zero));
    return v128.bitselect(v128.or(f32x4.splat(1), math.signOf(x)), x, nonZero); // ±0 and NaN stay
  }
}
@unmanaged @final class Square { @inline of(x: v128): v128 { return f32x4.mul(x, x); } }
@unmanaged @final class Reciprocal { @inline of(x: v128): v128 { return f32x4.div(f32x4.splat(1), x); } }
@unmanaged @final class Sqrt { @inline of(x: v128): v128 { return f32x4.sqrt(x); } }
@unmanaged @final class Rsqrt {
  @inline of(x: v128): v128 { return f32x4.div(f32x4.splat(1), f32x4.sqrt(x)); }
}
@unmanaged @final class Floor { @inline of(x: v128): v128 { return f32x4.floor(x); } }
@unmanaged @final class Ceil { @inline of(x: v128): v128 { return f32x4.ceil(x); } }
@unmanaged @final class Round { @inline of(x: v128): v128 { return f32x4.nearest(x); } }
@unmanaged @final class Relu {
  // pmax(x, 0) keeps NaN (and −0, which the addition turns into 0) in one instruction where max takes nine.
  @inline of(x: v128): v128 { return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(0)); }
}

@unmanaged @final class Exp {
  @inline of(x: v128): v128 { return math.exp(x); }
  @inline near(x: v128): v128 { return math.expBounded(x); }
}
@unmanaged @final class Expm1 { @inline of(x: v128): v128 { return math.expm1(x); } }
@unmanaged @final class Log { @inline of(x: v128): v128 { return math.log(x); } }
@unmanaged @final class Log1p { @inline of(x: v128): v128 { return math.log1p(x); } }
@unmanaged @final class Sin { @inline of(x: v128): v128 { return trigonometry.sin(x); } }
@unmanaged @final class Cos { @inline of(x: v128): v128 { return trigonometry.cos(x); } }
@unmanaged @final class Atan { @inline of(x: v128): v128 { return trigonometry.atan(x); } }
@unmanaged @final class Tanh { @inline of(x: v128): v128 { return math.tanh(x); } }
@unmanaged @final class Erf { @inline of(x: v128): v128 { return normal.erf(x); } }
@unmanaged @final class Sigmoid {
  @inline of(x: v128): v128 { return logistic.sigmoid(x); }
  @inline near(x: v128): v128 { return logistic.sigmoidBounded(x); }
}
@unmanaged @final class Silu { @inline of(x: v128): v128 { return logistic.silu(x); } }
@unmanaged @final class Gelu { @inline of(x: v128): v128 { return normal.gelu(x); } }
@unmanaged @final class GeluTanh { @inline of(x: v128): v128 { return normal.geluTanh(x); } }

// Bound by memory: four vectors at a time.

export function neg(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapLight<Neg>(x, y, rows, cols, xRow, xCol);
}

export function abs(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapLight<Abs>(x, y, rows, cols, xRow, xCol);
}

export function sign(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapLight<Sign>(x, y, rows, cols, xRow, xCol);
}

export function square(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapLight<Square>(x, y, rows, cols, xRow, xCol);
}

export function reciprocal(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapLight<Reciprocal>(x, y, rows, cols, xRow, xCol);
}

export function sqrt(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapLight<Sqrt>(x, y, rows, cols, xRow, xCol);
}

export function rsqrt(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapLight<Rsqrt>(x, y, rows, cols, xRow, xCol);
}

export function floor(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapLight<Floor>(x, y, rows, cols, xRow, xCol);
}

export function ceil(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapLight<Ceil>(x, y, rows, cols, xRow, xCol);
}

export function round(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapLight<Round>(x, y, rows, cols, xRow, xCol);
}

export function relu(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapLight<Relu>(x, y, rows, cols, xRow, xCol);
}

// Bound by arithmetic.

export function exp(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapNear<Exp>(x, y, rows, cols, xRow, xCol, math.NORMAL_MAX);
}

export function expm1(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Expm1>(x, y, rows, cols, xRow, xCol);
}

export function log(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Log>(x, y, rows, cols, xRow, xCol);
}

export function log1p(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Log1p>(x, y, rows, cols, xRow, xCol);
}

export function sin(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Sin>(x, y, rows, cols, xRow, xCol);
}

export function cos(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Cos>(x, y, rows, cols, xRow, xCol);
}

export function atan(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Atan>(x, y, rows, cols, xRow, xCol);
}

export function tanh(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Tanh>(x, y, rows, cols, xRow, xCol);
}

export function erf(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Erf>(x, y, rows, cols, xRow, xCol);
}

export function sigmoid(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  mapNear<Sigmoid>(x, y, rows, cols, xRow, xCol, math.NORMAL_MAX);
}

export function silu(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<Silu>(x, y, rows, cols, xRow, xCol);
}

export function gelu(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) mapPairs<Gelu>(x, y, rows, cols, xRow, xCol);
  else map<Gelu>(x, y, rows, cols, xRow, xCol); // measured: without fused steps three do not spill more than two
}

export function geluTanh(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  map<GeluTanh>(x, y, rows, cols, xRow, xCol);
}

/** NaN stays NaN: the constants are the second operands of the comparisons. */
export function clamp(
  x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize, low: f32, high: f32,
): void {
  for (let r: usize = 0; r < rows; r++, x += xRow << 2, y += cols << 2) {
    clampRow(x, y, cols, xCol << 2, f32x4.splat(low), f32x4.splat(high));
  }
}

function clampRow(x: usize, y: usize, n: usize, step: usize, low: v128, high: v128): void {
  for (; n >= 4; n -= 4, x += step << 2, y += 16) {
    const v = step == 4 ? v128.load(x) : gatherLanes(x, step, 4);
    v128.store(y, f32x4.pmin(f32x4.pmax(v, low), high));
  }
  if (n) storeLanes(y, f32x4.pmin(f32x4.pmax(gatherLanes(x, step, n), low), high), n);
}

// Gradients: of(saved, g).

@unmanaged @final class ReluGrad {
  @inline of(x: v128, g: v128): v128 { return v128.andnot(g, f32x4.le(x, f32x4.splat(0))); }
}
@unmanaged @final class SigmoidGrad {
  @inline of(y: v128, g: v128): v128 { return f32x4.mul(g, f32x4.mul(y, f32x4.sub(f32x4.splat(1), y))); }
}
@unmanaged @final class TanhGrad {
  @inline of(y: v128, g: v128): v128 {
    const one = f32x4.splat(1);
    return f32x4.mul(g, f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y)));
  }
}
@unmanaged @final class GeluGrad {
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, normal.geluSlope(x)); }
  @inline near(x: v128, g: v128): v128 { return f32x4.mul(g, normal.geluSlopeNear(x)); }
}
@unmanaged @final class GeluTanhGrad {
  @inline of(x: v128, g: v128): v128 { return f32x4.mul(g, normal.geluTanhSlope(x)); }
}

export function reluGrad(x: usize, g: usize, dx: usize, n: usize): void {
  chain<ReluGrad>(x, g, dx, n);
}

export function sigmoidGrad(y: usize, g: usize, dx: usize, n: usize): void {
  chain<SigmoidGrad>(y, g, dx, n);
}

export function tanhGrad(y: usize, g: usize, dx: usize, n: usize): void {
  chain<TanhGrad>(y, g, dx, n);
}

export function geluGrad(x: usize, g: usize, dx: usize, n: usize): void {
  chainNear<GeluGrad>(x, g, dx, n, normal.GELU_NEAR);
}

export function geluTanhGrad(x: usize, g: usize, dx: usize, n: usize): void {
  chain<GeluTanhGrad>(x, g, dx, n);
}
