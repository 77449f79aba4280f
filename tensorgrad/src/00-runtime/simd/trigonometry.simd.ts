// sin, cos and their inverses. For sin and cos the argument is reduced to |r| ≤ π/4, then one of two polynomials (fitted, see simd-math.simd.ts)
// gives the value. Near 0 the reduction is in float32, farther out in double precision, two lanes at a time. Within
// 1.5 ULP for all arguments.

import { madd, msub } from "./madd.simd";
import { polynomial2, polynomial3, splat } from "./polynomial.simd";
import { HALF, ONE, ROUNDER, signMask, signOf } from "./simd-math.simd";

const SIN = memory.data<f32>([-0.166666672, 0.0083333794, -0.000198530717, 2.83268014e-6]);
const COS = memory.data<f32>([0.0416666456, -0.00138873095, 2.4432331e-5]);

/** sin(r + quadrant·π/2), of which only the two lowest bits of `quadrant` count. */
@inline
function sinOfRemainder(r: v128, quadrant: v128): v128 {
  const z = f32x4.mul(r, r);
  const sine = madd(f32x4.mul(r, z), polynomial3(z, SIN), r);
  const cosine = madd(z, f32x4.sub(f32x4.mul(z, polynomial2(z, COS)), splat(HALF)), splat(ONE));
  const odd = i32x4.shr_s(i32x4.shl(quadrant, 31), 31);
  const sign = i32x4.shl(i32x4.shr_u(quadrant, 1), 31);
  return v128.xor(v128.bitselect(cosine, sine, odd), sign);
}

/** The largest multiple that the reduction in float32 subtracts exactly is 2¹¹·π/2; no float comes near it from above. */
const NEAR = memory.data<f32>([3216]);
const TWO_OVER_PI = memory.data<f32>([0.636619747]);
// π/2 in three parts (Cody & Waite 1980): the first two have thirteen bits, so that their multiples are exact.
const HALF_PI = memory.data<f32>([1.57080078125, -4.454515874385834e-6, 6.07710062827671e-11]);

/** Bits of positive numbers compare like the numbers; those of NaN are above all. */
@inline
function anyAbove(size: v128, limit: usize): bool {
  return v128.any_true(i32x4.gt_s(size, splat(limit)));
}

/** sin(size + shift·π/2) for 0 ≤ size ≤ NEAR. */
@inline
function sinNear(size: v128, shift: i32): v128 {
  const rounded = madd(size, splat(TWO_OVER_PI), splat(ROUNDER));
  const n = f32x4.sub(rounded, splat(ROUNDER));
  const first = msub(n, splat(HALF_PI), size);
  const second = msub(n, splat(HALF_PI + 4), first);
  const lost = msub(n, splat(HALF_PI + 4), f32x4.sub(first, second)); // what rounding took from `second`
  const r = f32x4.add(second, msub(n, splat(HALF_PI + 8), lost));
  return sinOfRemainder(r, i32x4.add(rounded, i32x4.splat(shift)));
}

@inline
export function sin(x: v128): v128 {
  const size = f32x4.abs(x);
  const y = anyAbove(size, NEAR) ? sinFar(size) : sinNear(size, 0);
  return v128.xor(y, signOf(x));
}

@inline
export function cos(x: v128): v128 {
  const size = f32x4.abs(x);
  return anyAbove(size, NEAR) ? cosFar(size) : sinNear(size, 1);
}

/** Beyond this, reduction needs more than two parts of π/2: the standard library's Payne–Hanek takes over. */
const LARGE = memory.data<f32>([268435456]); // 2²⁸
const TWO_OVER_PI_64 = memory.data<f64>([0.6366197723675814]);
// π/2 in two parts: multiples of the first up to 2²⁸ are exact (the split of FreeBSD's libm).
const HALF_PI_64 = memory.data<f64>([1.5707963109016418, 1.5893254773528196e-8]);

@inline
function quadrants(x: v128): v128 {
  return f64x2.nearest(f64x2.mul(x, v128.load64_splat(TWO_OVER_PI_64)));
}

@inline
function remainder(x: v128, n: v128): v128 {
  const high = f64x2.sub(x, f64x2.mul(n, v128.load64_splat(HALF_PI_64)));
  return f32x4.demote_f64x2_zero(f64x2.sub(high, f64x2.mul(n, v128.load64_splat(HALF_PI_64 + 8))));
}

/** sin(size + shift·π/2) for 0 ≤ size ≤ LARGE. */
@inline
function sinModerate(size: v128, shift: i32): v128 {
  const low = f64x2.promote_low_f32x4(size);
  const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(size, size, 2, 3, 2, 3));
  const nLow = quadrants(low);
  const nHigh = quadrants(high);
  const r = v128.shuffle<f32>(remainder(low, nLow), remainder(high, nHigh), 0, 1, 4, 5);
  const n0 = i32x4.trunc_sat_f64x2_s_zero(nLow);
  const n1 = i32x4.trunc_sat_f64x2_s_zero(nHigh);
  const n = v128.shuffle<i32>(n0, n1, 0, 1, 4, 5);
  return sinOfRemainder(r, i32x4.add(n, i32x4.splat(shift)));
}

function sinFar(size: v128): v128 {
  return anyAbove(size, LARGE) ? sinOfLarge(size) : sinModerate(size, 0);
}

function cosFar(size: v128): v128 {
  return anyAbove(size, LARGE) ? cosOfLarge(size) : sinModerate(size, 1);
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

const TAN_EIGHTH = memory.data<f32>([0.41421357]); // tan π/8
const TAN_THREE_EIGHTHS = memory.data<f32>([2.4142137]);
// The angles from which an interval is measured, and what float32 leaves of them.
const RIGHT = memory.data<f32>([1.57079637]);
const RIGHT_REST = memory.data<f32>([-4.37113883e-8]);
const QUARTER_PI = memory.data<f32>([0.785398185]);
const QUARTER_PI_REST = memory.data<f32>([-2.18556941e-8]);
const ATAN = memory.data<f32>([-0.333329491539, 0.199777106478, -0.138776856032, 0.0805374449538]);

/**
 * atan |x| is π/2 − atan(1/|x|) above tan 3π/8, and π/4 + atan((|x| − 1)/(|x| + 1)) above tan π/8: what is left is
 * below tan π/8, where t + t³·p(t²) is near. Method and coefficients: atanf of Cephes (Moshier 1989).
 */
@inline
export function atan(x: v128): v128 {
  const one = splat(ONE);
  const size = f32x4.abs(x);
  const far = f32x4.gt(size, splat(TAN_THREE_EIGHTHS));
  const middle = v128.andnot(f32x4.gt(size, splat(TAN_EIGHTH)), far);
  const above = v128.bitselect(f32x4.neg(one), v128.bitselect(f32x4.sub(size, one), size, middle), far);
  const below = v128.bitselect(size, v128.bitselect(f32x4.add(size, one), one, middle), far);
  const t = f32x4.div(above, below);
  const z = f32x4.mul(t, t);
  const angle = v128.or(v128.and(far, splat(RIGHT)), v128.and(middle, splat(QUARTER_PI)));
  const rest = v128.or(v128.and(far, splat(RIGHT_REST)), v128.and(middle, splat(QUARTER_PI_REST)));
  const curved = madd(f32x4.mul(t, z), polynomial3(z, ATAN), rest);
  return v128.or(f32x4.add(angle, f32x4.add(t, curved)), signOf(x));
}

const PI = memory.data<f32>([3.14159274]);
const PI_REST = memory.data<f32>([-8.74227766e-8]);

/**
 * The angle of the point (x, y): that of (|x|, |y|), mirrored where x < 0, with the sign of y. Within 3 ULP, with the
 * limits of C's atan2: where both are infinite they count as equal, and 0/0 as 0.
 */
@inline
export function atan2(y: v128, x: v128): v128 {
  const infinite = f32x4.splat(Infinity);
  const width = f32x4.abs(x);
  const height = f32x4.abs(y);
  const far = v128.and(f32x4.eq(width, infinite), f32x4.eq(height, infinite));
  const level = v128.and(f32x4.eq(y, f32x4.splat(0)), f32x4.eq(x, x));
  const slope = v128.bitselect(splat(ONE), f32x4.div(height, width), far);
  const angle = atan(v128.andnot(slope, level));
  const mirrored = f32x4.sub(splat(PI), f32x4.sub(angle, splat(PI_REST)));
  return v128.or(v128.bitselect(mirrored, angle, signMask(x)), signOf(y));
}
