// Elementary functions on vectors of four floats. Each states its largest error against the exact value, in
// units of the last place, as measured over every binade (kernels-agreement.test.ts). Polynomials marked
// "fitted" are minimax fits of relative error (Lawson's iteration on 600 Chebyshev nodes, coefficients rounded
// to float32 one after the other, the rest refitted each time); none of them errs by more than 2⁻²⁶.

/** (v0 + v2) + (v1 + v3). */
@inline
export function horizontalSum(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** One step of Horner's rule: sum·x + coefficient. */
@inline
export function horner(sum: v128, x: v128, coefficient: f32): v128 {
  return f32x4.add(f32x4.mul(sum, x), f32x4.splat(coefficient));
}

/** |size| with the sign of x; size is not negative. */
@inline
export function withSign(size: v128, x: v128): v128 {
  return v128.or(size, v128.and(x, i32x4.splat(0x80000000)));
}

// ln 2 in two parts (Cody & Waite 1980): n times the first is exact, as it has nine bits.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
const LOG2_E: f32 = 1.44269504;

/** Adding 1.5·2²³ rounds a small number to an integer, and leaves that integer in the low bits. */
const ROUNDER: f32 = 12582912;

/** x·log₂e rounded to an integer n, as n + ROUNDER. */
@inline
function exponentOf(x: v128): v128 {
  return horner(f32x4.splat(LOG2_E), x, ROUNDER);
}

/** x − n·ln 2, between ∓ln(2)/2. */
@inline
function remainder(x: v128, rounded: v128): v128 {
  const n = f32x4.sub(rounded, f32x4.splat(ROUNDER));
  const high = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  return f32x4.sub(high, f32x4.mul(n, f32x4.splat(LN2_LOW)));
}

/** eʳ − 1 for |r| ≤ ln(2)/2 as r + r²·q(r), q fitted (relative to eʳ). */
@inline
function expm1NearZero(r: v128): v128 {
  let q = f32x4.splat(0.00138189388);
  q = horner(q, r, 0.00836870354);
  q = horner(q, r, 0.0416682884);
  q = horner(q, r, 0.166665211);
  q = horner(q, r, 0.49999994);
  return f32x4.add(r, f32x4.mul(f32x4.mul(r, r), q));
}

@inline
function expNearZero(r: v128): v128 {
  return f32x4.add(expm1NearZero(r), f32x4.splat(1));
}

/**
 * y · 2ⁿ. In two steps, for 2ⁿ itself may overflow or vanish where the product does not; only the last step
 * rounds.
 */
@inline
export function scale(y: v128, rounded: v128): v128 {
  const n = i32x4.sub(rounded, f32x4.splat(ROUNDER));
  const half = i32x4.shr_s(n, 1);
  const one = f32x4.splat(1);
  const first = i32x4.add(i32x4.shl(half, 23), one);
  const second = i32x4.add(i32x4.shl(i32x4.sub(n, half), 23), one);
  return f32x4.mul(f32x4.mul(y, first), second);
}

/** eˣ, within 1 ULP; 0 and ∞ beyond the range. */
@inline
export function exp(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-104)); // both keep NaN
  const rounded = exponentOf(x);
  return scale(expNearZero(remainder(x, rounded)), rounded);
}

/** eˣ for |x| < 87, where 2ⁿ is a normal number. */
@inline
export function expBounded(x: v128): v128 {
  const rounded = exponentOf(x);
  const y = expNearZero(remainder(x, rounded));
  return f32x4.mul(y, i32x4.add(i32x4.shl(rounded, 23), f32x4.splat(1)));
}

/** n + ROUNDER for the n of exp(x): what `scale` takes. */
@inline
export function expScale(x: v128): v128 {
  return exponentOf(x);
}

/** e^(x + small)/2ⁿ − 1, for an argument known to more than 24 bits. */
@inline
export function expm1Unscaled(x: v128, small: v128, rounded: v128): v128 {
  return expm1NearZero(f32x4.add(remainder(x, rounded), small));
}

/** eˣ − 1, within 2 ULP: 2ⁿ·(eʳ − 1) + (2ⁿ − 1), halved on the way so that 2¹²⁸ does not overflow. */
@inline
export function expm1(x: v128): v128 {
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-30));
  const rounded = exponentOf(bounded);
  const r = remainder(bounded, rounded);
  let q = f32x4.splat(0.000197643312); // fitted
  q = horner(q, r, 0.00139323645);
  q = horner(q, r, 0.00833354332);
  q = horner(q, r, 0.0416664928);
  q = horner(q, r, 0.166666657);
  q = horner(q, r, 0.5);
  const small = f32x4.add(r, f32x4.mul(f32x4.mul(r, r), q));
  const half = i32x4.add(i32x4.shl(rounded, 23), f32x4.splat(0.5)); // 2ⁿ⁻¹
  const sum = f32x4.add(f32x4.mul(half, small), f32x4.sub(half, f32x4.splat(0.5)));
  const tiny = f32x4.lt(f32x4.abs(x), f32x4.splat(1e-8)); // here eˣ − 1 rounds to x; also keeps −0
  return v128.bitselect(x, f32x4.add(sum, sum), tiny);
}

const SQRT_HALF: i32 = 0x3f3504f3; // the bits of √½

/** e·ln 2 + log(1 + f) for √½ ≤ 1 + f < √2, the logarithm as f − f²/2 + f³·p(f), p fitted. */
@inline
function logNearOne(f: v128, e: v128): v128 {
  let p = f32x4.splat(0.0680306107);
  p = horner(p, f, -0.117219038);
  p = horner(p, f, 0.118852347);
  p = horner(p, f, -0.123961642);
  p = horner(p, f, 0.142187297);
  p = horner(p, f, -0.16668652);
  p = horner(p, f, 0.200022012);
  p = horner(p, f, -0.24999994);
  p = horner(p, f, 0.333333105);
  const square = f32x4.mul(f, f);
  let y = f32x4.mul(f32x4.mul(square, f), p);
  y = f32x4.add(y, f32x4.mul(e, f32x4.splat(LN2_LOW)));
  y = f32x4.sub(y, f32x4.mul(square, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(f, y), f32x4.mul(e, f32x4.splat(LN2_HIGH)));
}

/** log of positive normal numbers. */
@inline
function logNormal(x: v128, e: v128): v128 {
  const above = i32x4.sub(x, i32x4.splat(SQRT_HALF));
  const mantissa = i32x4.add(v128.and(above, i32x4.splat(0x007fffff)), i32x4.splat(SQRT_HALF));
  const exponent = f32x4.convert_i32x4_s(i32x4.shr_s(above, 23));
  return logNearOne(f32x4.sub(mantissa, f32x4.splat(1)), f32x4.add(exponent, e));
}

/** Natural logarithm, within 1 ULP; log 0 = −∞, NaN for negative numbers. */
@inline
export function log(x: v128): v128 {
  const ordinary = v128.and(f32x4.ge(x, f32x4.splat(1.17549435e-38)), f32x4.lt(x, f32x4.splat(Infinity)));
  if (i32x4.all_true(ordinary)) return logNormal(x, f32x4.splat(0));
  return logAny(x);
}

function logAny(x: v128): v128 {
  const subnormal = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const lifted = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, subnormal); // times 2²³
  let y = logNormal(lifted, v128.and(subnormal, f32x4.splat(-23)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  y = v128.bitselect(y, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(0)));
  return v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(Infinity)));
}

/** log(1 + x), within 2 ULP: (1 + x)·2⁻ᵉ − 1 is formed as x·2⁻ᵉ + (2⁻ᵉ − 1), which loses nothing. */
@inline
export function log1p(x: v128): v128 {
  const above = i32x4.sub(f32x4.add(x, f32x4.splat(1)), i32x4.splat(SQRT_HALF));
  const exponent = v128.and(above, i32x4.splat(0xff800000));
  const shrink = f32x4.mul(i32x4.sub(f32x4.splat(4), exponent), f32x4.splat(0.25)); // 2⁻ᵉ, down to 2⁻¹²⁷
  const f = f32x4.add(f32x4.mul(x, shrink), f32x4.sub(shrink, f32x4.splat(1)));
  let y = logNearOne(f, f32x4.convert_i32x4_s(i32x4.shr_s(exponent, 23)));
  const inside = v128.and(f32x4.gt(x, f32x4.splat(-1)), f32x4.lt(x, f32x4.splat(Infinity)));
  if (!i32x4.all_true(v128.and(inside, f32x4.ne(x, f32x4.splat(0))))) {
    const limit = v128.bitselect(f32x4.splat(-Infinity), f32x4.splat(NaN), f32x4.eq(x, f32x4.splat(-1)));
    y = v128.bitselect(y, limit, inside);
    const self = v128.or(f32x4.eq(x, f32x4.splat(Infinity)), f32x4.eq(x, f32x4.splat(0)));
    y = v128.bitselect(x, y, self); // ∞, and ±0 with its sign
  }
  return y;
}

/** Hyperbolic tangent, within 2 ULP: an odd polynomial (fitted) below 0.625, 1 − 2/(e²ˣ + 1) above. */
@inline
export function tanh(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(size, size);
  let p = f32x4.splat(-0.0056922962);
  p = horner(p, z, 0.0206281673);
  p = horner(p, z, -0.0537365153);
  p = horner(p, z, 0.133314058);
  p = horner(p, z, -0.333332807);
  const near = f32x4.add(size, f32x4.mul(f32x4.mul(size, z), p));
  const e = expBounded(f32x4.pmin(f32x4.add(size, size), f32x4.splat(20)));
  const one = f32x4.splat(1);
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(e, one)));
  return withSign(v128.bitselect(near, far, f32x4.lt(size, f32x4.splat(0.625))), x);
}

/** 1/(1 + e⁻ˣ), within 3 ULP, also where it is subnormal: the exponential is of −|x|, so it never overflows. */
@inline
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const numerator = v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0)));
  return f32x4.div(numerator, f32x4.add(one, e));
}

/** x·sigmoid(x), within 4 ULP: for negative x the exponential is scaled last, as it vanishes before the product. */
@inline
export function silu(x: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.pmax(f32x4.neg(f32x4.abs(x)), f32x4.splat(-110));
  const rounded = exponentOf(t);
  const e = expNearZero(remainder(t, rounded));
  const sum = f32x4.add(one, scale(e, rounded));
  const below = scale(f32x4.div(f32x4.mul(t, e), sum), rounded);
  return v128.bitselect(f32x4.div(x, sum), below, f32x4.ge(x, f32x4.splat(0)));
}
