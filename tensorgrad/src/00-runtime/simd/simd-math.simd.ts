// Elementary functions on vectors of four floats. Each states its largest error against the exact value, in
// units of the last place, as measured over every binade. Polynomials marked "fitted" are minimax fits of the
// relative error (Lawson's iteration on 600 Chebyshev nodes, coefficients rounded to float32 one after the
// other, the rest refitted each time); none of them errs by more than 2⁻²⁶.

import { madd, msub } from "./madd.simd";
import { polynomial3, polynomial4, polynomial5, splat } from "./polynomial.simd";

export const ONE = memory.data<f32>([1]);
export const HALF = memory.data<f32>([0.5]);
const TWO = memory.data<f32>([2]);
const INFINITE = memory.data<f32>([Infinity]);
export const SIGN = memory.data<u32>([0x80000000]);

/** (v0 + v2) + (v1 + v3). */
@inline
export function horizontalSum(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

@inline
export function signOf(x: v128): v128 {
  return v128.and(x, splat(SIGN));
}

/** −|x| */
@inline
export function minusAbs(x: v128): v128 {
  return v128.or(x, splat(SIGN));
}

/** Where the sign bit is set: −0 counts as negative, which is harmless wherever both branches agree at 0. */
@inline
export function signMask(x: v128): v128 {
  return i32x4.shr_s(x, 31);
}

// ln 2 in two parts (Cody & Waite 1980): n times the first is exact, as it has nine bits.
const LN2_HIGH = memory.data<f32>([0.693359375]);
const LN2_LOW = memory.data<f32>([-2.1219444e-4]);
const LOG2_E = memory.data<f32>([1.44269504]);

/** Adding 1.5·2²³ rounds a small number to an integer, and leaves that integer in the low bits. */
export const ROUNDER = memory.data<f32>([12582912]);

/** x·log₂e rounded to an integer n, as n + ROUNDER. */
@inline
export function exponentOf(x: v128): v128 {
  return madd(x, splat(LOG2_E), splat(ROUNDER));
}

/** x − n·ln 2, between ∓ln(2)/2. */
@inline
export function remainder(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, splat(ROUNDER));
  return msub(n, splat(LN2_LOW), msub(n, splat(LN2_HIGH), x));
}

const EXP = memory.data<f32>([0.49999994, 0.166665211, 0.0416682884, 0.00836870354, 0.00138189388]);

/** eʳ − 1 for |r| ≤ ln(2)/2 as r + r²·q(r), q fitted (relative to eʳ). */
@inline
function expm1NearZero(r: v128): v128 {
  return madd(f32x4.mul(r, r), polynomial4(r, EXP), r);
}

@inline
export function expNearZero(r: v128): v128 {
  return f32x4.add(expm1NearZero(r), splat(ONE));
}

/**
 * y · 2ⁿ. In two steps, for 2ⁿ itself may overflow or vanish where the product does not; only the last step
 * rounds.
 */
@inline
function scale(y: v128, rounded: v128): v128 {
  const n = i32x4.sub(rounded, splat(ROUNDER));
  const half = i32x4.shr_s(n, 1);
  const first = i32x4.add(i32x4.shl(half, 23), splat(ONE));
  const second = i32x4.add(i32x4.shl(i32x4.sub(n, half), 23), splat(ONE));
  return f32x4.mul(f32x4.mul(y, first), second);
}

const UP = memory.data<f32>([1.8446744073709552e19]); // 2⁶⁴
export const DOWN = memory.data<f32>([5.421010862427522e-20]); // 2⁻⁶⁴

/** y · 2ⁿ⁺⁶⁴ for −190 ≤ n ≤ 0. */
@inline
export function lifted(y: v128, rounded: v128): v128 {
  return f32x4.mul(y, i32x4.add(i32x4.shl(rounded, 23), splat(UP)));
}

/** y · 2ⁿ for −190 ≤ n ≤ 0. */
@inline
export function scaleDown(y: v128, rounded: v128): v128 {
  return f32x4.mul(lifted(y, rounded), splat(DOWN));
}

const EXP_MAX = memory.data<f32>([89]);
const EXP_MIN = memory.data<f32>([-104]);
const NORMAL_MIN = memory.data<f32>([-87.33]); // a little more than log 2⁻¹²⁶, the smallest normal number

// A product that underflows takes a processor a hundred cycles and more, so lanes that vanish are not multiplied down to 0:
// they compute e⁰ and are cleared. A row of a causal mask, half of which is −∞, would take four times as long.

/** eˣ, within 1.05 ULP; 0 and ∞ beyond the range. */
@inline
export function exp(x: v128): v128 {
  const gone = f32x4.lt(x, splat(EXP_MIN));
  x = v128.andnot(f32x4.pmin(x, splat(EXP_MAX)), gone); // NaN stays
  const rounded = exponentOf(x);
  return v128.andnot(scale(expNearZero(remainder(x, rounded)), rounded), gone);
}

/** eˣ for x ≤ 0, within 1.05 ULP. */
@inline
export function expOfNegative(x: v128): v128 {
  const gone = f32x4.lt(x, splat(EXP_MIN));
  x = v128.andnot(x, gone);
  const rounded = exponentOf(x);
  return v128.andnot(scaleDown(expNearZero(remainder(x, rounded)), rounded), gone);
}

/** eˣ for x ≤ 0, within 1.05 ULP where it is a normal number, else 0: for sums whose largest term is 1. */
@inline
export function expOrZero(x: v128): v128 {
  const gone = isSubnormalExp(x);
  return v128.andnot(expBounded(v128.andnot(x, gone)), gone);
}

/** Whether eˣ is below the normal numbers. */
@inline
export function isSubnormalExp(x: v128): v128 {
  return f32x4.lt(x, splat(NORMAL_MIN));
}

export const NORMAL_MAX = memory.data<f32>([87.33]);

/** y · 2ⁿ where 2ⁿ is a normal number. */
@inline
export function scaleBounded(y: v128, rounded: v128): v128 {
  return f32x4.mul(y, i32x4.add(i32x4.shl(rounded, 23), splat(ONE)));
}

/** eˣ for |x| < 87.33, where 2ⁿ is a normal number: the bits of `exp`. */
@inline
export function expBounded(x: v128): v128 {
  const rounded = exponentOf(x);
  return scaleBounded(expNearZero(remainder(x, rounded)), rounded);
}

/** e^(x + small)/2ⁿ − 1, for an argument known to more than 24 bits; rounded = exponentOf(x). */
@inline
export function expm1Unscaled(x: v128, small: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, splat(ROUNDER));
  const high = msub(n, splat(LN2_HIGH), x);
  return expm1NearZero(f32x4.add(high, msub(n, splat(LN2_LOW), small)));
}

const EXPM1 = memory.data<f32>([
  0.5, 0.166666657, 0.0416664928, 0.00833354332, 0.00139323645, 0.000197643312,
]);
const EXPM1_MIN = memory.data<f32>([-30]);
const EXPM1_TINY = memory.data<f32>([1e-8]); // eˣ − 1 rounds to x below

/** eʳ − 1 for |r| ≤ ln(2)/2, fitted relative to itself. */
@inline
function expm1OfRemainder(r: v128): v128 {
  return madd(f32x4.mul(r, r), polynomial5(r, EXPM1), r);
}

/** eˣ − 1, within 2 ULP: 2ⁿ·(eʳ − 1) + (2ⁿ − 1), halved on the way so that 2¹²⁸ does not overflow. */
@inline
export function expm1(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, splat(EXP_MAX)), splat(EXPM1_MIN));
  const rounded = exponentOf(bounded);
  const small = expm1OfRemainder(remainder(bounded, rounded));
  const half = i32x4.add(i32x4.shl(rounded, 23), splat(HALF)); // 2ⁿ⁻¹
  const sum = madd(half, small, f32x4.sub(half, splat(HALF)));
  return v128.bitselect(x, f32x4.add(sum, sum), f32x4.lt(f32x4.abs(x), splat(EXPM1_TINY)));
}

const SQRT_HALF = memory.data<f32>([0.70710677]);
const MANTISSA = memory.data<u32>([0x007fffff]);
const LOG = memory.data<f32>([0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841]);

/**
 * e·ln 2 + log(1 + f) for √½ ≤ 1 + f < √2. With s = f/(2 + f), log(1 + f) = 2 artanh s = 2s + s·r(s²),
 * rearranged as f − f²/2 + s·(f²/2 + r(s²)) so that the largest term is exact. Method and coefficients: e_logf.c
 * of FreeBSD's math library (Sun Microsystems 1993).
 */
@inline
function logNearOne(f: v128, e: v128): v128 {
  const s = f32x4.div(f, f32x4.add(f, splat(TWO)));
  const z = f32x4.mul(s, s);
  const half = f32x4.mul(f32x4.mul(f, splat(HALF)), f);
  let y = f32x4.mul(s, madd(z, polynomial3(z, LOG), half));
  y = madd(e, splat(LN2_LOW), y);
  y = f32x4.sub(y, half);
  return madd(e, splat(LN2_HIGH), f32x4.add(f, y));
}

/** log of positive normal numbers, plus e·ln 2 (an integer e). */
@inline
function logNormal(x: v128, e: v128): v128 {
  const above = i32x4.sub(x, splat(SQRT_HALF));
  const mantissa = i32x4.add(v128.and(above, splat(MANTISSA)), splat(SQRT_HALF));
  const exponent = i32x4.add(i32x4.shr_s(above, 23), e); // nothing is added where e is known to be 0
  return logNearOne(f32x4.sub(mantissa, splat(ONE)), f32x4.convert_i32x4_s(exponent));
}

const SMALLEST_NORMAL = memory.data<f32>([1.17549435e-38]);
// As integers, and moved down by the first of these, the bits of all positive normal numbers lie below the second.
const BELOW_NORMAL = memory.data<u32>([0x80800000]);
const ABOVE_NORMAL = memory.data<u32>([0xfeffffff]);

/** Natural logarithm, within 1 ULP; log 0 = −∞, NaN for negative numbers. */
@inline
export function log(x: v128): v128 {
  const special = i32x4.gt_s(i32x4.sub(x, splat(BELOW_NORMAL)), splat(ABOVE_NORMAL));
  return v128.any_true(special) ? logAny(x) : logNormal(x, i32x4.splat(0));
}

function logAny(x: v128): v128 {
  const subnormal = f32x4.lt(x, splat(SMALLEST_NORMAL));
  const lifted = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, subnormal); // times 2²³
  let y = logNormal(lifted, v128.and(subnormal, i32x4.splat(-23)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  y = v128.bitselect(y, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(0)));
  return v128.bitselect(x, y, f32x4.eq(x, splat(INFINITE)));
}

const FOUR = memory.data<f32>([4]);
const QUARTER = memory.data<f32>([0.25]);
const MINUS_ONE = memory.data<f32>([-1]);
const EXPONENT = memory.data<u32>([0xff800000]);

/** log(1 + x), within 2 ULP: (1 + x)·2⁻ᵉ − 1 is formed as x·2⁻ᵉ + (2⁻ᵉ − 1), which loses nothing. */
@inline
export function log1p(x: v128): v128 {
  const above = i32x4.sub(f32x4.add(x, splat(ONE)), splat(SQRT_HALF));
  const exponent = v128.and(above, splat(EXPONENT));
  const shrink = f32x4.mul(i32x4.sub(splat(FOUR), exponent), splat(QUARTER)); // 2⁻ᵉ, down to 2⁻¹²⁷
  const f = madd(x, shrink, f32x4.sub(shrink, splat(ONE)));
  const y = logNearOne(f, f32x4.convert_i32x4_s(i32x4.shr_s(exponent, 23)));
  const outside = v128.or(f32x4.le(x, splat(MINUS_ONE)), f32x4.ge(x, splat(INFINITE)));
  return v128.or(v128.any_true(outside) ? log1pLimits(x, y) : y, signOf(x)); // the sign of x, also at ±0
}

/** −∞ at −1, NaN below; ∞ stays what it is. */
function log1pLimits(x: v128, y: v128): v128 {
  y = v128.bitselect(x, y, f32x4.eq(x, splat(INFINITE)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, splat(MINUS_ONE)));
  return v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, splat(MINUS_ONE)));
}

const TANH_MAX = memory.data<f32>([10]); // tanh 10 rounds to 1

/** Hyperbolic tangent, within 3 ULP: with m = e²ˣ − 1, it is m/(m + 2). */
@inline
export function tanh(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), splat(TANH_MAX));
  const twice = f32x4.add(size, size);
  const rounded = exponentOf(twice);
  const small = expm1OfRemainder(remainder(twice, rounded));
  const power = i32x4.add(i32x4.shl(rounded, 23), splat(ONE)); // 2ⁿ
  const m = madd(power, small, f32x4.sub(power, splat(ONE)));
  return v128.or(f32x4.div(m, f32x4.add(m, splat(TWO))), signOf(x));
}
