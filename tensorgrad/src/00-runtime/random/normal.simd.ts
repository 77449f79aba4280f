// The error function and what is built on the normal distribution: erf, GELU and its gradient, and GELU's
// approximation by tanh. Polynomials are fitted as described in simd-math.simd.ts.

import { madd, msub } from "../simd/madd.simd";
import { horner9, polynomial6, splat } from "../simd/polynomial.simd";
import { DOWN, expBounded, expm1Unscaled, exponentOf, isSubnormalExp, lifted, scaleBounded, scaleDown, signMask, signOf } from "../simd/simd-math.simd";
import { HALF, ONE } from "../simd/simd-math.simd";

const ERF_NEAR = memory.data<f32>([
  0.128379166, -0.37612626, 0.112835787, -0.0268533472, 0.0051871622, -0.00079978531, 7.80690316e-5,
]);
const ERF_FAR = memory.data<f32>([
  0.000341520587, 1.12708914, 0.63814503, 0.103106461, -0.0218378566, 0.00294758799, -0.000186370045,
]);
const ERF_ONE = memory.data<f32>([4]); // erf(4) rounds to 1

/** erf within 2 ULP: x + x·p(x²) below 1, 1 − exp(−q(x)) above, q being fitted to −log erfc. */
@inline
export function erf(x: v128): v128 {
  const size = f32x4.abs(x);
  const near = madd(size, polynomial6(f32x4.mul(size, size), ERF_NEAR), size);
  const q = polynomial6(f32x4.pmin(size, splat(ERF_ONE)), ERF_FAR);
  const far = f32x4.sub(splat(ONE), expBounded(f32x4.neg(q)));
  return v128.or(v128.bitselect(near, far, f32x4.lt(size, splat(ONE))), signOf(x));
}

// For t ≥ 0 the lower tail of the normal distribution is Φ(−t) = exp(−t²/2)·r(t), where r varies slowly. GELU
// needs it to full relative accuracy: x·Φ(x) for x = −10 is −7.6e-23, not 0.

const FAR = memory.data<f32>([15]); // where x·Φ(x) and its slope have vanished
const QUARTER = memory.data<f32>([0.25]);
const MINUS_CENTRE = memory.data<f32>([-0.484375]);
const TAIL = memory.data<f32>([
  0.193666428, -0.316323251, 0.404979855, -0.388290614, 0.246098205, -0.0546782576, -0.061501734,
  0.0487332381, 0.0133290663, -0.0175998658,
]);

/**
 * r(t)/v for v = 1/(1 + t/4), from tv = t·v, as a polynomial (fitted) in t·v/4 = 1 − v, which hardly feels
 * the rounding of v. It is centred, so that no sum cancels, at a point where the first coefficient rounds
 * well.
 */
@inline
function tailPolynomial(tv: v128): v128 {
  return horner9(madd(tv, splat(QUARTER), splat(MINUS_CENTRE)), TAIL);
}

@inline
function tailDenominator(t: v128): v128 {
  return madd(t, splat(QUARTER), splat(ONE));
}

const UPPER_HALF = memory.data<u32>([0xfffff000]);
const MINUS_HALF = memory.data<f32>([-0.5]);

/** −t²/2 rounded (relaxed build), or that of the upper twelve bits of t, which is exact (baseline). */
@inline
function minusHalfSquare(t: v128): v128 {
  const upper = ASC_FEATURE_RELAXED_SIMD ? t : v128.and(t, splat(UPPER_HALF));
  return f32x4.mul(f32x4.mul(upper, splat(MINUS_HALF)), upper);
}

/** −t²/2 without `square`, which minusHalfSquare gave. */
@inline
function restOfSquare(t: v128, square: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f32x4.relaxed_madd(f32x4.mul(t, splat(MINUS_HALF)), t, f32x4.neg(square));
  }
  const upper = v128.and(t, splat(UPPER_HALF));
  return f32x4.mul(f32x4.mul(f32x4.sub(upper, t), f32x4.add(upper, t)), splat(HALF));
}

const MINUS_ZERO = memory.data<f32>([-0.0]);

// As in simd-math.simd.ts, what vanishes is cleared before it is multiplied down.

/** x·p from tail = |x|·(1 − p) times 2⁶⁴: −tail for negative x, x − tail for others; −0 stays −0. */
@inline
function fromTail(x: v128, tail: v128): v128 {
  return msub(tail, splat(DOWN), f32x4.pmax(x, splat(MINUS_ZERO)));
}

/** x·Φ(x), within 4 ULP (3.8 measured). */
@inline
export function gelu(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), splat(FAR));
  const square = minusHalfSquare(t);
  const rounded = exponentOf(square);
  const density = expm1Unscaled(square, restOfSquare(t, square), rounded);
  const denominator = tailDenominator(t);
  const tv = f32x4.div(t, denominator);
  const p = tailPolynomial(tv);
  const ratio = f32x4.mul(tv, p); // t·r(t)
  // What the sum 1 + t/4 lost by rounding is given back; 2p, here, is close enough to 1/(1 + t/4).
  const lost = msub(t, splat(QUARTER), f32x4.sub(denominator, splat(ONE)));
  const factor = madd(lost, f32x4.add(p, p), density);
  const tail = lifted(madd(ratio, factor, ratio), rounded); // t·Φ(−t)
  // One fused step does not underflow on the way: measured, the clearing costs there and gains nothing.
  return fromTail(x, ASC_FEATURE_RELAXED_SIMD ? tail : v128.andnot(tail, f32x4.eq(t, splat(FAR))));
}

const DENSITY_AT_0 = memory.data<f32>([0.3989422804]); // 1/√(2π)

/** d/dx x·Φ(x) = Φ(x) + x·φ(x), which at −t is exp(−t²/2)·(r(t) − t/√(2π)), and at t is 1 minus that. */
@inline
export function geluSlope(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), splat(FAR));
  const square = minusHalfSquare(t);
  const rounded = exponentOf(square);
  const slope = v128.andnot(slopeUnscaled(t, square, rounded), f32x4.eq(t, splat(FAR)));
  return fromSlope(x, scaleDown(slope, rounded));
}

/** Below, exp(−t²/2) is a normal number. */
export const GELU_NEAR = memory.data<f32>([13]);

/** The same for |x| < 13. */
@inline
export function geluSlopeNear(x: v128): v128 {
  const t = f32x4.abs(x);
  const square = minusHalfSquare(t);
  const rounded = exponentOf(square);
  return fromSlope(x, scaleBounded(slopeUnscaled(t, square, rounded), rounded));
}

/** The slope at −t, over 2ⁿ. */
@inline
function slopeUnscaled(t: v128, square: v128, rounded: v128): v128 {
  const density = expm1Unscaled(square, restOfSquare(t, square), rounded);
  const v = f32x4.div(splat(ONE), tailDenominator(t));
  const r = f32x4.mul(v, tailPolynomial(f32x4.mul(t, v)));
  const ratio = msub(t, splat(DENSITY_AT_0), r);
  return madd(ratio, density, ratio);
}

@inline
function fromSlope(x: v128, below: v128): v128 {
  return v128.bitselect(below, f32x4.sub(splat(ONE), below), signMask(x));
}

// GELU by tanh is x·σ(w), w = √(8/π)·(x + 0.044715x³). An error of w by δ is a relative error of σ(−w) by δ,
// and w goes up to 127, so it is computed in double precision.

const ROOT_8_OVER_PI = memory.data<f64>([1.5957691216057308]);
const CUBIC = memory.data<f64>([0.07135481627159325]); // 0.044715·√(8/π)
const FAR_TANH = memory.data<f32>([11.5]); // where x·σ(w) and its slope have vanished

/** w for two lanes. */
@inline
function logit(t: v128): v128 {
  const cubic = f64x2.mul(f64x2.mul(t, t), v128.load64_splat(CUBIC));
  return f64x2.mul(t, f64x2.add(v128.load64_splat(ROOT_8_OVER_PI), cubic));
}

@inline
function lowPair(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

@inline
function highPair(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
}

@inline
function joined(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** x·σ(w(x)), within 4 ULP (3.46 measured). */
@inline
export function geluTanh(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), splat(FAR_TANH));
  const low = logit(lowPair(t));
  const high = logit(highPair(t));
  const w = joined(low, high);
  const rest = joined(f64x2.sub(lowPair(w), low), f64x2.sub(highPair(w), high));
  const minus = f32x4.neg(w);
  const rounded = exponentOf(minus);
  const e = f32x4.add(splat(ONE), expm1Unscaled(minus, rest, rounded));
  const sum = f32x4.add(splat(ONE), scaleDown(v128.andnot(e, isSubnormalExp(minus)), rounded));
  const tail = lifted(f32x4.div(f32x4.mul(t, e), sum), rounded); // t·σ(−w)
  return fromTail(x, ASC_FEATURE_RELAXED_SIMD ? tail : v128.andnot(tail, f32x4.eq(t, splat(FAR_TANH))));
}

const STEEPNESS_AT_0 = memory.data<f32>([1.5957691216]);
const STEEPNESS_GROWTH = memory.data<f32>([0.2140644488]); // 3·0.044715·√(8/π)

/** The derivative of geluTanh: at −t it is s·(1 − t·(1 − s)·w′(t)) with s = σ(−w), and at t 1 minus that. */
@inline
export function geluTanhSlope(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), splat(FAR_TANH));
  const low = logit(lowPair(t));
  const high = logit(highPair(t));
  const w = joined(low, high);
  const rest = joined(f64x2.sub(lowPair(w), low), f64x2.sub(highPair(w), high));
  const minus = f32x4.neg(w);
  const rounded = exponentOf(minus);
  const e = f32x4.add(splat(ONE), expm1Unscaled(minus, rest, rounded));
  const sum = f32x4.add(splat(ONE), scaleDown(v128.andnot(e, isSubnormalExp(minus)), rounded));
  const over = f32x4.div(splat(ONE), sum); // 1 − s
  const steepness = madd(f32x4.mul(t, t), splat(STEEPNESS_GROWTH), splat(STEEPNESS_AT_0));
  const factor = msub(f32x4.mul(t, over), steepness, splat(ONE));
  const slope = f32x4.mul(f32x4.mul(e, over), factor);
  const below = scaleDown(v128.andnot(slope, f32x4.eq(t, splat(FAR_TANH))), rounded);
  return v128.bitselect(below, f32x4.sub(splat(ONE), below), signMask(x));
}
