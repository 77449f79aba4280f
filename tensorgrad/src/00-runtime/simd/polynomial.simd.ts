// Polynomials c₀ + c₁x + c₂x² + … of vectors, by Estrin's scheme: pairs of terms are evaluated side by side,
// so the chain of dependent operations is half as long as with Horner's rule. Where the chain does not
// matter, Horner's rule rounds a little less.
//
// Coefficients, like all constants of the elementary functions, are read from memory: a load that fills all
// lanes is one instruction, while V8 builds a constant vector with three, anew in every iteration.

import { madd } from "./madd.simd";

/** A constant in all lanes: `address` is that of a memory.data<f32>. */
@inline
export function splat(address: usize): v128 {
  return v128.load32_splat(address);
}

@inline
function polynomial1(x: v128, c: usize): v128 {
  return madd(splat(c + 4), x, splat(c));
}

@inline
export function polynomial2(x: v128, c: usize): v128 {
  return madd(splat(c + 8), f32x4.mul(x, x), polynomial1(x, c));
}

@inline
export function polynomial3(x: v128, c: usize): v128 {
  return madd(polynomial1(x, c + 8), f32x4.mul(x, x), polynomial1(x, c));
}

@inline
function fourthPower(x: v128): v128 {
  const square = f32x4.mul(x, x);
  return f32x4.mul(square, square);
}

@inline
export function polynomial4(x: v128, c: usize): v128 {
  return madd(splat(c + 16), fourthPower(x), polynomial3(x, c));
}

@inline
export function polynomial5(x: v128, c: usize): v128 {
  return madd(polynomial1(x, c + 16), fourthPower(x), polynomial3(x, c));
}

@inline
export function polynomial6(x: v128, c: usize): v128 {
  return madd(polynomial2(x, c + 16), fourthPower(x), polynomial3(x, c));
}

/** Degree 9 by Horner's rule. */
@inline
export function horner9(x: v128, c: usize): v128 {
  let sum = madd(splat(c + 36), x, splat(c + 32));
  sum = madd(sum, x, splat(c + 28));
  sum = madd(sum, x, splat(c + 24));
  sum = madd(sum, x, splat(c + 20));
  sum = madd(sum, x, splat(c + 16));
  sum = madd(sum, x, splat(c + 12));
  sum = madd(sum, x, splat(c + 8));
  sum = madd(sum, x, splat(c + 4));
  return madd(sum, x, splat(c));
}
