// The error function and what is built on the normal distribution: erf, GELU and its gradient, and GELU's
// approximation by tanh. Polynomials are fitted as described in simd-math.simd.ts.

import { expBounded, expm1Unscaled, expScale, horner, scale, withSign } from "./simd-math.simd";

/** erf within 2 ULP: x + x·p(x²) below 1, 1 − exp(−q(x)) above, q being fitted to −log erfc. */
@inline
export function erf(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(size, size);
  let p = f32x4.splat(7.80690316e-5);
  p = horner(p, z, -0.00079978531);
  p = horner(p, z, 0.0051871622);
  p = horner(p, z, -0.0268533472);
  p = horner(p, z, 0.112835787);
  p = horner(p, z, -0.37612626);
  p = horner(p, z, 0.128379166);
  const near = f32x4.add(size, f32x4.mul(size, p));

  const t = f32x4.pmin(size, f32x4.splat(4)); // erf(4) rounds to 1
  let q = f32x4.splat(-0.000186370045);
  q = horner(q, t, 0.00294758799);
  q = horner(q, t, -0.0218378566);
  q = horner(q, t, 0.103106461);
  q = horner(q, t, 0.63814503);
  q = horner(q, t, 1.12708914);
  q = horner(q, t, 0.000341520587);
  const one = f32x4.splat(1);
  const far = f32x4.sub(one, expBounded(f32x4.neg(q)));
  return withSign(v128.bitselect(near, far, f32x4.lt(size, one)), x);
}

// For t ≥ 0 the lower tail of the normal distribution is Φ(−t) = exp(−t²/2)·r(t), where r varies slowly. GELU
// needs it to full relative accuracy: x·Φ(x) for x = −10 is 7.6e-23, not 0.

/** Where x·Φ(x) has vanished. */
const FAR: f32 = 15;

/**
 * r(t) = exp(t²/2)·Φ(−t) for 0 ≤ t ≤ FAR is v·p(½ − v) with v = 1/(1 + 0.3t) and this p, fitted. It is centred, so
 * that no sum cancels; ½ − v is taken as 0.3t·v − ½, which hardly feels the rounding of v.
 */
@inline
function tailPolynomial(u: v128): v128 {
  let p = f32x4.splat(0.0241475143);
  p = horner(p, u, 0.0220747106);
  p = horner(p, u, -0.0365187749);
  p = horner(p, u, -0.0370401368);
  p = horner(p, u, 0.0775798634);
  p = horner(p, u, 0.0291012283);
  p = horner(p, u, -0.222083166);
  p = horner(p, u, 0.346197695);
  p = horner(p, u, -0.329158962);
  return horner(p, u, 0.221970618);
}

const SLOPE: f32 = 0.3;

/** −(upper half of t)²/2, exactly: twelve bits squared fit into 24. */
@inline
function minusHalfSquare(upper: v128): v128 {
  return f32x4.mul(f32x4.mul(upper, upper), f32x4.splat(-0.5));
}

@inline
function upperHalf(t: v128): v128 {
  return v128.and(t, i32x4.splat(0xfffff000));
}

/** The rest of −t²/2. */
@inline
function restOfSquare(t: v128, upper: v128): v128 {
  return f32x4.mul(f32x4.mul(f32x4.sub(upper, t), f32x4.add(upper, t)), f32x4.splat(0.5));
}

/** x·Φ(x). */
@inline
export function gelu(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), f32x4.splat(FAR));
  const upper = upperHalf(t);
  const square = minusHalfSquare(upper);
  const rounded = expScale(square);
  const density = expm1Unscaled(square, restOfSquare(t, upper), rounded);
  const tv = f32x4.div(t, horner(t, f32x4.splat(SLOPE), 1));
  const ratio = f32x4.mul(tv, tailPolynomial(horner(tv, f32x4.splat(SLOPE), -0.5))); // t·r(t)
  const tail = scale(f32x4.add(ratio, f32x4.mul(ratio, density)), rounded); // t·Φ(−t)
  return v128.bitselect(f32x4.sub(x, tail), f32x4.neg(tail), f32x4.ge(x, f32x4.splat(0)));
}

/** d/dx x·Φ(x) = Φ(x) + x·φ(x), which at −t is exp(−t²/2)·(r(t) − t/√(2π)), and at t is 1 minus that. */
@inline
export function geluSlope(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), f32x4.splat(FAR));
  const upper = upperHalf(t);
  const square = minusHalfSquare(upper);
  const rounded = expScale(square);
  const density = expm1Unscaled(square, restOfSquare(t, upper), rounded);
  const one = f32x4.splat(1);
  const v = f32x4.div(one, horner(t, f32x4.splat(SLOPE), 1));
  const r = f32x4.mul(v, tailPolynomial(horner(f32x4.mul(t, v), f32x4.splat(SLOPE), -0.5)));
  const ratio = f32x4.sub(r, f32x4.mul(t, f32x4.splat(0.3989422804)));
  const below = scale(f32x4.add(ratio, f32x4.mul(ratio, density)), rounded);
  return v128.bitselect(f32x4.sub(one, below), below, f32x4.ge(x, f32x4.splat(0)));
}

// GELU by tanh is x·σ(w), w = √(8/π)·(x + 0.044715x³). An error of w by δ is a relative error of σ(−w) by δ, and
// w goes up to 127, so it is computed in double precision.

const ROOT_8_OVER_PI: f64 = 1.5957691216057308;
const CUBIC: f64 = 0.044715;

/** Where x·σ(w) has vanished. */
const FAR_TANH: f32 = 11.5;

@inline
function logit(t: v128): v128 {
  const cubic = f64x2.mul(f64x2.mul(t, t), f64x2.splat(ROOT_8_OVER_PI * CUBIC));
  return f64x2.mul(t, f64x2.add(f64x2.splat(ROOT_8_OVER_PI), cubic));
}

@inline
function joined(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

@inline
function upperPair(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
}

/** x·σ(w(x)). */
@inline
export function geluTanh(x: v128): v128 {
  const t = f32x4.pmin(f32x4.abs(x), f32x4.splat(FAR_TANH));
  const low = logit(f64x2.promote_low_f32x4(t));
  const high = logit(upperPair(t));
  const w = joined(low, high);
  const rest = joined(f64x2.sub(f64x2.promote_low_f32x4(w), low), f64x2.sub(upperPair(w), high));
  const rounded = expScale(f32x4.neg(w));
  const e = f32x4.add(f32x4.splat(1), expm1Unscaled(f32x4.neg(w), rest, rounded));
  const sum = f32x4.add(f32x4.splat(1), scale(e, rounded));
  const tail = scale(f32x4.div(f32x4.mul(t, e), sum), rounded); // t·σ(−w)
  return v128.bitselect(f32x4.sub(x, tail), f32x4.neg(tail), f32x4.ge(x, f32x4.splat(0)));
}

/** The derivative of geluTanh: at −t it is s·(1 − t·(1 − s)·w′(t)) with s = σ(−w), and at t 1 minus that. */
@inline
export function geluTanhSlope(x: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.pmin(f32x4.abs(x), f32x4.splat(FAR_TANH));
  const low = logit(f64x2.promote_low_f32x4(t));
  const high = logit(upperPair(t));
  const w = joined(low, high);
  const rest = joined(f64x2.sub(f64x2.promote_low_f32x4(w), low), f64x2.sub(upperPair(w), high));
  const rounded = expScale(f32x4.neg(w));
  const e = f32x4.add(f32x4.splat(1), expm1Unscaled(f32x4.neg(w), rest, rounded));
  const over = f32x4.div(one, f32x4.add(one, scale(e, rounded))); // 1 − s
  const steepness = horner(f32x4.splat(3 * <f32>(ROOT_8_OVER_PI * CUBIC)), f32x4.mul(t, t), <f32>ROOT_8_OVER_PI);
  const factor = f32x4.sub(one, f32x4.mul(f32x4.mul(t, over), steepness));
  const below = scale(f32x4.mul(f32x4.mul(e, over), factor), rounded);
  return v128.bitselect(f32x4.sub(one, below), below, f32x4.ge(x, f32x4.splat(0)));
}
