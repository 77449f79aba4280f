// sin and cos: the argument is reduced to |r| ≤ π/4 in double precision (two lanes at a time), then one of
// two polynomials (fitted, see simd-math.simd.ts) gives the value. Within 1.5 ULP for all arguments.

import { polynomial2, polynomial3, splat } from "./polynomial.simd";
import { HALF, ONE, signOf } from "./simd-math.simd";

const TWO_OVER_PI = memory.data<f64>([0.6366197723675814]);
// π/2 in two parts: multiples of the first up to 2²⁸ are exact (Cody & Waite 1980; the split of FreeBSD's
// libm).
const HALF_PI_HIGH = memory.data<f64>([1.5707963109016418]);
const HALF_PI_LOW = memory.data<f64>([1.5893254773528196e-8]);

/** Beyond this, reduction needs more than two parts of π/2: the standard library's Payne–Hanek takes over. */
const LARGE = memory.data<f32>([268435456]); // 2²⁸

const SIN = memory.data<f32>([-0.166666672, 0.0083333794, -0.000198530717, 2.83268014e-6]);
const COS = memory.data<f32>([0.0416666456, -0.00138873095, 2.4432331e-5]);

@inline
function quadrants(x: v128): v128 {
  return f64x2.nearest(f64x2.mul(x, v128.load64_splat(TWO_OVER_PI)));
}

@inline
function reduce(x: v128, n: v128): v128 {
  const high = f64x2.sub(x, f64x2.mul(n, v128.load64_splat(HALF_PI_HIGH)));
  return f32x4.demote_f64x2_zero(f64x2.sub(high, f64x2.mul(n, v128.load64_splat(HALF_PI_LOW))));
}

/** sin(size + shift·π/2) for size ≥ 0. */
@inline
function sinShifted(size: v128, shift: i32): v128 {
  const low = f64x2.promote_low_f32x4(size);
  const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(size, size, 2, 3, 2, 3));
  const nLow = quadrants(low);
  const nHigh = quadrants(high);
  const r = v128.shuffle<f32>(reduce(low, nLow), reduce(high, nHigh), 0, 1, 4, 5);
  const n0 = i32x4.trunc_sat_f64x2_s_zero(nLow);
  const n1 = i32x4.trunc_sat_f64x2_s_zero(nHigh);
  const n = v128.shuffle<i32>(n0, n1, 0, 1, 4, 5);
  const quadrant = i32x4.add(n, i32x4.splat(shift));

  const z = f32x4.mul(r, r);
  const sine = f32x4.add(r, f32x4.mul(f32x4.mul(r, z), polynomial3(z, SIN)));
  const rest = f32x4.sub(f32x4.mul(f32x4.mul(z, z), polynomial2(z, COS)), f32x4.mul(z, splat(HALF)));
  const cosine = f32x4.add(splat(ONE), rest);

  const odd = i32x4.ne(v128.and(quadrant, i32x4.splat(1)), i32x4.splat(0));
  const sign = i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30);
  return v128.xor(v128.bitselect(cosine, sine, odd), sign);
}

@inline
function isModerate(size: v128): bool {
  return i32x4.all_true(f32x4.lt(size, splat(LARGE)));
}

@inline
export function sin(x: v128): v128 {
  const size = f32x4.abs(x);
  const y = isModerate(size) ? sinShifted(size, 0) : sinOfLarge(size);
  return v128.xor(y, signOf(x));
}

@inline
export function cos(x: v128): v128 {
  const size = f32x4.abs(x);
  return isModerate(size) ? sinShifted(size, 1) : cosOfLarge(size);
}

function sinOfLarge(x: v128): v128 {
  let y = f32x4.splat(<f32>Math.sin(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, <f32>Math.sin(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, <f32>Math.sin(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, <f32>Math.sin(f32x4.extract_lane(x, 3)));
}

function cosOfLarge(x: v128): v128 {
  let y = f32x4.splat(<f32>Math.cos(f32x4.extract_lane(x, 0)));
  y = f32x4.replace_lane(y, 1, <f32>Math.cos(f32x4.extract_lane(x, 1)));
  y = f32x4.replace_lane(y, 2, <f32>Math.cos(f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(y, 3, <f32>Math.cos(f32x4.extract_lane(x, 3)));
}
