// The logistic function, and x times it.

import { splat } from "./polynomial.simd";
import { expBounded, expNearZero, expOfNegative, exponentOf, isSubnormalExp, minusAbs } from "./simd-math.simd";
import { ONE, remainder, SIGN, scaleDown, signMask } from "./simd-math.simd";

/**
 * 1/(1 + e⁻ˣ), within 3 ULP, also where it is subnormal: the exponential is of −|x|, so it never overflows.
 */
@inline
export function sigmoid(x: v128): v128 {
  return sigmoidFrom(x, expOfNegative(minusAbs(x)));
}

/** The same for |x| < 87.33. */
@inline
export function sigmoidBounded(x: v128): v128 {
  return sigmoidFrom(x, expBounded(minusAbs(x)));
}

@inline
function sigmoidFrom(x: v128, e: v128): v128 {
  const numerator = v128.bitselect(e, splat(ONE), signMask(x));
  return f32x4.div(numerator, f32x4.add(splat(ONE), e));
}

const SILU_MIN = memory.data<f32>([-110]); // x·sigmoid(x) has vanished

/**
 * x·sigmoid(x), within 3.5 ULP: for negative x the exponential is scaled last, as it vanishes before the
 * product.
 */
@inline
export function silu(x: v128): v128 {
  const size = minusAbs(x);
  const t = v128.andnot(size, v128.andnot(f32x4.lt(size, splat(SILU_MIN)), splat(SIGN))); // −0 where it has vanished
  const rounded = exponentOf(t);
  const e = expNearZero(remainder(t, rounded));
  const sum = f32x4.add(splat(ONE), scaleDown(v128.andnot(e, isSubnormalExp(size)), rounded));
  const below = scaleDown(f32x4.div(f32x4.mul(t, e), sum), rounded);
  return v128.bitselect(below, f32x4.div(x, sum), signMask(x));
}
