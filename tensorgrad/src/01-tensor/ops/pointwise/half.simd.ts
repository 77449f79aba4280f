// Between float32 and numbers of 16 bits, on their bits alone: no instruction looks at a NaN, so payloads stay.

/** The upper half of a float32 is a bfloat16. */
export function bfloat16ToFloat32(x: usize, y: usize, n: usize): void {
  for (; n >= 8; n -= 8, x += 16, y += 32) {
    const bits = v128.load(x);
    v128.store(y, i32x4.shl(i32x4.extend_low_i16x8_u(bits), 16));
    v128.store(y, i32x4.shl(i32x4.extend_high_i16x8_u(bits), 16), 16);
  }
  for (; n > 0; n--, x += 2, y += 4) store<u32>(y, <u32>load<u16>(x) << 16);
}

export function float16ToFloat32(x: usize, y: usize, n: usize): void {
  for (; n >= 8; n -= 8, x += 16, y += 32) {
    const bits = v128.load(x);
    v128.store(y, wideFloat16(i32x4.extend_low_i16x8_u(bits)));
    v128.store(y, wideFloat16(i32x4.extend_high_i16x8_u(bits)), 16);
  }
  for (; n > 0; n--, x += 2, y += 4) {
    store<u32>(y, i32x4.extract_lane(wideFloat16(i32x4.splat(load<u16>(x))), 0));
  }
}

/**
 * Exponent and fraction moved to their places, the number is 2¹¹² times too small: also a subnormal, which the product makes
 * normal. ∞ and NaN keep all bits of the exponent instead.
 */
@inline
function wideFloat16(bits: v128): v128 {
  const size = i32x4.shl(v128.and(bits, i32x4.splat(0x7fff)), 13);
  const sign = i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16);
  const number = f32x4.mul(size, f32x4.splat(reinterpret<f32>(0x7780_0000)));
  const special = i32x4.ge_s(size, i32x4.splat(0x0f80_0000));
  return v128.or(sign, v128.bitselect(v128.or(size, i32x4.splat(0x7f80_0000)), number, special));
}

export function float32ToBfloat16(x: usize, y: usize, n: usize): void {
  for (; n >= 8; n -= 8, x += 32, y += 16) {
    v128.store(y, i16x8.narrow_i32x4_u(toBfloat16(v128.load(x)), toBfloat16(v128.load(x, 16))));
  }
  for (; n > 0; n--, x += 4, y += 2) {
    store<u16>(y, <u16>i32x4.extract_lane(toBfloat16(v128.load32_splat(x)), 0));
  }
}

/** Half of the last place is added before the rest is cut off; a tie gets as much only if the last place is odd. */
@inline
function toBfloat16(bits: v128): v128 {
  const upper = i32x4.shr_u(bits, 16);
  const odd = v128.and(upper, i32x4.splat(1));
  const rounded = i32x4.shr_u(i32x4.add(bits, i32x4.add(odd, i32x4.splat(0x7fff))), 16);
  const nan = v128.or(upper, v128.and(i32x4.splat(0x40), i32x4.eq(v128.and(upper, i32x4.splat(0x7f)), i32x4.splat(0))));
  return v128.bitselect(nan, rounded, isNaNOf(sizeOfBits(bits)));
}

export function float32ToFloat16(x: usize, y: usize, n: usize): void {
  for (; n >= 8; n -= 8, x += 32, y += 16) {
    v128.store(y, i16x8.narrow_i32x4_u(toFloat16(v128.load(x)), toFloat16(v128.load(x, 16))));
  }
  for (; n > 0; n--, x += 4, y += 2) {
    store<u16>(y, <u16>i32x4.extract_lane(toFloat16(v128.load32_splat(x)), 0));
  }
}

/**
 * Below 2⁻¹⁴ the number is added to 1/2, whose last place is the step of float16's subnormals: the addition rounds, and the bits
 * above those of 1/2 count steps. Source: Giesen 2016, float→half conversions
 */
@inline
function toFloat16(bits: v128): v128 {
  const size = sizeOfBits(bits);
  const sign = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(0x8000));
  const odd = v128.and(i32x4.shr_u(size, 13), i32x4.splat(1));
  const rebiased = i32x4.sub(size, i32x4.splat(0x3800_0000));
  const normal = i32x4.shr_u(i32x4.add(rebiased, i32x4.add(odd, i32x4.splat(0xfff))), 13);
  const half = f32x4.splat(0.5);
  const subnormal = i32x4.sub(f32x4.add(size, half), half);
  let result = v128.bitselect(subnormal, normal, i32x4.lt_s(size, i32x4.splat(0x3880_0000)));
  result = v128.bitselect(i32x4.splat(0x7c00), result, i32x4.ge_s(size, i32x4.splat(0x4780_0000)));
  const payload = v128.and(i32x4.shr_u(size, 13), i32x4.splat(0x3ff));
  const kept = v128.or(payload, v128.and(i32x4.splat(0x200), i32x4.eq(payload, i32x4.splat(0))));
  return v128.or(sign, v128.bitselect(v128.or(kept, i32x4.splat(0x7c00)), result, isNaNOf(size)));
}

@inline
function sizeOfBits(bits: v128): v128 {
  return v128.and(bits, i32x4.splat(0x7fff_ffff));
}

@inline
function isNaNOf(size: v128): v128 {
  return i32x4.gt_s(size, i32x4.splat(0x7f80_0000));
}
