// xʸ = 2^(y·log₂x) in double precision, two lanes at a time: float32 alone would lose log₂(y·log₂x) bits.

import { madd64 } from "./madd.simd";
import { signOf } from "./simd-math.simd";

@inline
function splat64(address: usize): v128 {
  return v128.load64_splat(address);
}

/** c₀ + c₁x + c₂x² + c₃x³. */
@inline
function polynomial3(x: v128, square: v128, c: usize): v128 {
  const high = madd64(splat64(c + 24), x, splat64(c + 16));
  return madd64(high, square, madd64(splat64(c + 8), x, splat64(c)));
}

const ONE = memory.data<f64>([1]);
const SQRT_HALF = memory.data<f64>([0.7071067811865476]);
const MANTISSA = memory.data<u64>([0x000fffffffffffff]);
const TWO_OVER_LN2 = memory.data<f64>([2.8853900817779268]);
const ARTANH = memory.data<f64>([1, 1.0 / 3, 1.0 / 5, 1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15]);

/** log₂x for 0 < x < ∞ by the series of artanh: log x = 2(s + s³/3 + s⁵/5 + …), s = (x − 1)/(x + 1). */
@inline
function log2(x: v128): v128 {
  const above = i64x2.sub(x, splat64(SQRT_HALF));
  const mantissa = i64x2.add(v128.and(above, splat64(MANTISSA)), splat64(SQRT_HALF));
  const words = i64x2.shr_s(above, 52);
  const exponent = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(words, words, 0, 2, 0, 2));
  const s = f64x2.div(f64x2.sub(mantissa, splat64(ONE)), f64x2.add(mantissa, splat64(ONE)));
  const z = f64x2.mul(s, s); // at most 0.0295: eight terms reach 2⁻⁴⁴
  const square = f64x2.mul(z, z);
  const high = polynomial3(z, square, ARTANH + 32);
  const series = madd64(high, f64x2.mul(square, square), polynomial3(z, square, ARTANH));
  return madd64(f64x2.mul(s, series), splat64(TWO_OVER_LN2), exponent);
}

/** y = log₂x; 0 → −∞, ∞ → ∞, NaN → NaN. */
@inline
function withLimits(x: v128, y: v128): v128 {
  const zero = f64x2.splat(0);
  const limit = v128.bitselect(f64x2.splat(-Infinity), x, f64x2.eq(x, zero));
  const ordinary = v128.and(f64x2.gt(x, zero), f64x2.lt(x, f64x2.splat(Infinity)));
  return v128.bitselect(y, limit, ordinary);
}

const ROUNDER = memory.data<f64>([6755399441055744]); // 1.5·2⁵², see simd-math.simd.ts
const LN2 = memory.data<f64>([0.6931471805599453]);
const LARGEST = memory.data<f64>([200]); // far beyond the exponents of float32
const SMALLEST = memory.data<f64>([-151]); // 2⁻¹⁵¹ rounds to 0
const EXP = memory.data<f64>([1, 1, 0.5, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320]);

/** 2ᵗ by the exponential series of the fractional part. */
@inline
function exp2(t: v128): v128 {
  const gone = f64x2.lt(t, splat64(SMALLEST)); // cleared, for rounding it to float32 would underflow and take long
  t = v128.andnot(f64x2.pmin(t, splat64(LARGEST)), gone);
  const rounded = f64x2.add(t, splat64(ROUNDER));
  const r = f64x2.mul(f64x2.sub(t, f64x2.sub(rounded, splat64(ROUNDER))), splat64(LN2));
  const square = f64x2.mul(r, r); // |r| ≤ 0.347: nine terms reach 2⁻³²
  const fourth = f64x2.mul(square, square);
  const high = madd64(splat64(EXP + 64), fourth, polynomial3(r, square, EXP + 32));
  const series = madd64(high, fourth, polynomial3(r, square, EXP));
  return v128.andnot(f64x2.mul(series, i64x2.add(i64x2.shl(rounded, 52), splat64(ONE))), gone);
}

/** baseᵉ of two lanes, base ≥ 0; `limits` where 0, ∞ or NaN may be among them. */
@inline
function powerOfPair(base: v128, exponent: v128, limits: bool): v128 {
  const x = f64x2.promote_low_f32x4(base);
  const logarithm = limits ? withLimits(x, log2(x)) : log2(x);
  return f32x4.demote_f64x2_zero(exp2(f64x2.mul(f64x2.promote_low_f32x4(exponent), logarithm)));
}

@inline
function powerOfSize(size: v128, exponent: v128, limits: bool): v128 {
  const low = powerOfPair(size, exponent, limits);
  return v128.shuffle<f32>(low, powerOfPair(upper(size), upper(exponent), limits), 0, 1, 4, 5);
}

@inline
function upper(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 2, 3, 2, 3);
}

/** baseᵉ with the special cases of C's pow, within 1 ULP. */
export function power(base: v128, exponent: v128): v128 {
  const finite = f32x4.lt(f32x4.abs(exponent), f32x4.splat(Infinity));
  const positive = v128.and(f32x4.gt(base, f32x4.splat(0)), f32x4.lt(base, f32x4.splat(Infinity)));
  if (i32x4.all_true(v128.and(finite, positive))) return powerOfSize(base, exponent, false);
  return powerOfAny(base, exponent);
}

function powerOfAny(base: v128, exponent: v128): v128 {
  const size = f32x4.abs(base);
  let y = powerOfSize(size, exponent, true);

  // A negative base has a power only if the exponent is an integer; odd ones keep the sign.
  const half = f32x4.mul(exponent, f32x4.splat(0.5));
  const isInteger = f32x4.eq(f32x4.nearest(exponent), exponent);
  const isOdd = v128.andnot(isInteger, f32x4.eq(f32x4.nearest(half), half));
  y = v128.or(y, v128.and(signOf(base), isOdd));
  const negative = v128.and(f32x4.lt(base, f32x4.splat(0)), f32x4.gt(base, f32x4.splat(-Infinity)));
  y = v128.bitselect(f32x4.splat(NaN), y, v128.andnot(negative, isInteger));

  // x⁰ = 1 and 1ʸ = 1 even for NaN; (−1)^±∞ = 1.
  const one = f32x4.splat(1);
  const infinite = f32x4.eq(f32x4.abs(exponent), f32x4.splat(Infinity));
  const isOne = v128.or(f32x4.eq(base, one), v128.and(f32x4.eq(size, one), infinite));
  return v128.bitselect(one, y, v128.or(isOne, f32x4.eq(exponent, f32x4.splat(0))));
}

/** scale·log₂x: the logarithm to any base, within 1 ULP; NaN below 0. */
export function logarithm(x: v128, scale: f64): v128 {
  const low = logarithmOfPair(x, scale);
  const y = v128.shuffle<f32>(low, logarithmOfPair(upper(x), scale), 0, 1, 4, 5);
  return v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, f32x4.splat(0)));
}

@inline
function logarithmOfPair(x: v128, scale: f64): v128 {
  const wide = f64x2.promote_low_f32x4(x);
  return f32x4.demote_f64x2_zero(f64x2.mul(withLimits(wide, log2(wide)), f64x2.splat(scale)));
}
