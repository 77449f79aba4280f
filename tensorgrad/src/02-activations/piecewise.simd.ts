import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { polynomial4 } from "../00-runtime/simd/polynomial.simd";
import { sigmoid } from "../00-runtime/simd/sigmoid.simd";
import * as math from "../00-runtime/simd/simd-math.simd";

// Both rules are computed for all four lanes, and each lane takes its own: no branch depends on data.
// p and q are the settings; an operation with one setting ignores q.

@inline
function above(x: v128, bound: v128, high: v128, low: v128): v128 {
  return v128.bitselect(high, low, f32x4.gt(x, bound)); // NaN takes the rule below
}

const LOG1P = memory.data<f32>([2, 0.66666323, 0.40024596, 0.27965158, 0.2815778]);

/**
 * ln(1 + e) for 0 ≤ e ≤ 1 as 2 artanh s, s = e/(2 + e) ≤ 1/3: no exponent to take apart, no limits to look for.
 * A polynomial in s² through the Chebyshev nodes of [0, 1/9]; it errs by less than 2⁻²⁶.
 */
@inline
function log1pUpTo1(e: v128): v128 {
  const s = f32x4.div(e, f32x4.add(e, f32x4.splat(2)));
  return f32x4.mul(s, polynomial4(f32x4.mul(s, s), LOG1P));
}

@unmanaged @final class LeakyRelu {
  @inline of(x: v128, p: v128, q: v128): v128 { return above(x, f32x4.splat(0), x, f32x4.mul(x, p)); }
}
@unmanaged @final class Elu {
  @inline of(x: v128, p: v128, q: v128): v128 {
    return above(x, f32x4.splat(0), x, f32x4.mul(p, math.expm1(x)));
  }
}
@unmanaged @final class Softplus {
  @inline of(x: v128, p: v128, q: v128): v128 {
    const z = f32x4.mul(x, p);
    const tail = log1pUpTo1(math.expOfNegative(math.minusAbs(z)));
    return above(z, q, x, f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.div(tail, p)));
  }
}

@unmanaged @final class ReluSquared {
  @inline of(x: v128, p: v128, q: v128): v128 {
    const positive = f32x4.max(x, f32x4.splat(0)); // NaN stays NaN
    return f32x4.mul(positive, positive);
  }
}

@unmanaged @final class LeakyReluGrad {
  @inline of(x: v128, g: v128, p: v128, q: v128): v128 { return above(x, f32x4.splat(0), g, f32x4.mul(g, p)); }
}
@unmanaged @final class EluGrad {
  @inline of(x: v128, g: v128, p: v128, q: v128): v128 {
    return above(x, f32x4.splat(0), g, f32x4.mul(g, f32x4.mul(p, math.exp(x))));
  }
}
@unmanaged @final class SoftplusGrad {
  @inline of(x: v128, g: v128, p: v128, q: v128): v128 {
    const z = f32x4.mul(x, p);
    return above(z, q, g, f32x4.mul(g, sigmoid(z)));
  }
}

@unmanaged @final class ReluSquaredGrad {
  @inline of(x: v128, g: v128, p: v128, q: v128): v128 {
    return v128.andnot(f32x4.mul(g, f32x4.add(x, x)), f32x4.le(x, f32x4.splat(0)));
  }
}

/** Two vectors at a time, whose chains of dependent steps overlap. */
@inline
function map<T>(x: usize, y: usize, n: usize, first: f32, second: f32): void {
  const f = changetype<T>(0);
  const p = f32x4.splat(first);
  const q = f32x4.splat(second);
  for (; n >= 8; n -= 8, x += 32, y += 32) {
    const y0 = f.of(v128.load(x), p, q);
    const y1 = f.of(v128.load(x, 16), p, q);
    v128.store(y, y0);
    v128.store(y, y1, 16);
  }
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f.of(v128.load(x), p, q));
  if (n) storeLanes(y, f.of(loadLanes(x, n), p, q), n);
}

@inline
function chain<T>(x: usize, g: usize, dx: usize, n: usize, first: f32, second: f32): void {
  const f = changetype<T>(0);
  const p = f32x4.splat(first);
  const q = f32x4.splat(second);
  for (; n >= 4; n -= 4, x += 16, g += 16, dx += 16) {
    v128.store(dx, f.of(v128.load(x), v128.load(g), p, q));
  }
  if (n) storeLanes(dx, f.of(loadLanes(x, n), loadLanes(g, n), p, q), n);
}

export function leakyRelu(x: usize, y: usize, n: usize, slope: f32): void {
  map<LeakyRelu>(x, y, n, slope, 0);
}

export function elu(x: usize, y: usize, n: usize, alpha: f32): void {
  map<Elu>(x, y, n, alpha, 0);
}

export function softplus(x: usize, y: usize, n: usize, beta: f32, threshold: f32): void {
  map<Softplus>(x, y, n, beta, threshold);
}

export function leakyReluGrad(x: usize, g: usize, dx: usize, n: usize, slope: f32): void {
  chain<LeakyReluGrad>(x, g, dx, n, slope, 0);
}

export function eluGrad(x: usize, g: usize, dx: usize, n: usize, alpha: f32): void {
  chain<EluGrad>(x, g, dx, n, alpha, 0);
}

export function softplusGrad(x: usize, g: usize, dx: usize, n: usize, beta: f32, threshold: f32): void {
  chain<SoftplusGrad>(x, g, dx, n, beta, threshold);
}

export function reluSquared(x: usize, y: usize, n: usize): void {
  map<ReluSquared>(x, y, n, 0, 0);
}

export function reluSquaredGrad(x: usize, g: usize, dx: usize, n: usize): void {
  chain<ReluSquaredGrad>(x, g, dx, n, 0, 0);
}
