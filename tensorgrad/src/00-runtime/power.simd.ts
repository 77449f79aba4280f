// xʸ = 2^(y·log₂x) in double precision, two lanes at a time: float32 alone would lose log₂(y·log₂x) bits.

@inline
function horner64(sum: v128, x: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.mul(sum, x), f64x2.splat(coefficient));
}

/** log₂x for x ≥ 0 by the series of artanh: log x = 2(s + s³/3 + s⁵/5 + …), s = (x − 1)/(x + 1). */
@inline
function log2(x: v128): v128 {
  const sqrtHalf: i64 = 0x3fe6a09e667f3bcd;
  const above = i64x2.sub(x, i64x2.splat(sqrtHalf));
  const mantissa = i64x2.add(v128.and(above, i64x2.splat(0x000fffffffffffff)), i64x2.splat(sqrtHalf));
  const words = i64x2.shr_s(above, 52);
  const exponent = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(words, words, 0, 2, 0, 2));
  const one = f64x2.splat(1);
  const s = f64x2.div(f64x2.sub(mantissa, one), f64x2.add(mantissa, one));
  const z = f64x2.mul(s, s); // at most 0.0295: seven terms reach 2⁻³⁹
  let p = f64x2.splat(1.0 / 13);
  p = horner64(p, z, 1.0 / 11);
  p = horner64(p, z, 1.0 / 9);
  p = horner64(p, z, 1.0 / 7);
  p = horner64(p, z, 1.0 / 5);
  p = horner64(p, z, 1.0 / 3);
  p = horner64(p, z, 1);
  const y = f64x2.add(exponent, f64x2.mul(f64x2.mul(s, p), f64x2.splat(2.8853900817779268))); // 2/ln 2
  const limit = v128.bitselect(f64x2.splat(-Infinity), x, f64x2.eq(x, f64x2.splat(0)));
  const ordinary = v128.and(f64x2.gt(x, f64x2.splat(0)), f64x2.lt(x, f64x2.splat(Infinity)));
  return v128.bitselect(y, limit, ordinary); // 0 → −∞, ∞ → ∞, NaN → NaN
}

/** 2ᵗ by the exponential series of the fractional part. */
@inline
function exp2(t: v128): v128 {
  const rounder: f64 = 6755399441055744; // 1.5·2⁵²
  t = f64x2.pmax(f64x2.pmin(t, f64x2.splat(200)), f64x2.splat(-200));
  const rounded = f64x2.add(t, f64x2.splat(rounder));
  const r = f64x2.mul(f64x2.sub(t, f64x2.sub(rounded, f64x2.splat(rounder))), f64x2.splat(0.6931471805599453));
  let p = f64x2.splat(1.0 / 40320); // |r| ≤ 0.347: eight terms reach 2⁻³²
  p = horner64(p, r, 1.0 / 5040);
  p = horner64(p, r, 1.0 / 720);
  p = horner64(p, r, 1.0 / 120);
  p = horner64(p, r, 1.0 / 24);
  p = horner64(p, r, 1.0 / 6);
  p = horner64(p, r, 0.5);
  p = horner64(p, r, 1);
  p = horner64(p, r, 1);
  return f64x2.mul(p, i64x2.add(i64x2.shl(rounded, 52), f64x2.splat(1)));
}

@inline
function powerOfPair(base: v128, exponent: v128): v128 {
  return f32x4.demote_f64x2_zero(exp2(f64x2.mul(f64x2.promote_low_f32x4(exponent), log2(f64x2.promote_low_f32x4(base)))));
}

/** baseᵉ with the special cases of C's pow, within 1 ULP. */
export function power(base: v128, exponent: v128): v128 {
  const size = f32x4.abs(base);
  const low = powerOfPair(size, exponent);
  const high = powerOfPair(v128.shuffle<f32>(size, size, 2, 3, 2, 3), v128.shuffle<f32>(exponent, exponent, 2, 3, 2, 3));
  let y = v128.shuffle<f32>(low, high, 0, 1, 4, 5);

  // A negative base has a power only if the exponent is an integer; odd ones keep the sign.
  const half = f32x4.mul(exponent, f32x4.splat(0.5));
  const isInteger = f32x4.eq(f32x4.nearest(exponent), exponent);
  const isOdd = v128.andnot(isInteger, f32x4.eq(f32x4.nearest(half), half));
  y = v128.or(y, v128.and(v128.and(base, isOdd), i32x4.splat(0x80000000)));
  const negative = v128.and(f32x4.lt(base, f32x4.splat(0)), f32x4.gt(base, f32x4.splat(-Infinity)));
  y = v128.bitselect(f32x4.splat(NaN), y, v128.andnot(negative, isInteger));

  // x⁰ = 1 and 1ʸ = 1 even for NaN; (−1)^±∞ = 1.
  const one = f32x4.splat(1);
  const infinite = f32x4.eq(f32x4.abs(exponent), f32x4.splat(Infinity));
  const isOne = v128.or(f32x4.eq(base, one), v128.and(f32x4.eq(size, one), infinite));
  return v128.bitselect(one, y, v128.or(isOne, f32x4.eq(exponent, f32x4.splat(0))));
}
