// Polynomials c₀ + c₁x + c₂x² + … of vectors, by Estrin's scheme: pairs of terms are evaluated side by side,
// so the chain of dependent operations is half as long as with Horner's rule. Where the chain does not
// matter, Horner's rule rounds a little less.
//
// Coefficients, like all constants of the elementary functions, are read from memory: a load that fills all
// lanes is one instruction, while V8 builds a constant vector with three, anew in every iteration.

/** A constant in all lanes: `address` is that of a memory.data<f32>. */
@inline
export function splat(address: usize): v128 {
  return v128.load32_splat(address);
}

@inline
function plus(sum: v128, x: v128, y: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}

@inline
function polynomial1(x: v128, c: usize): v128 {
  return plus(splat(c), splat(c + 4), x);
}

@inline
export function polynomial2(x: v128, c: usize): v128 {
  return plus(polynomial1(x, c), splat(c + 8), f32x4.mul(x, x));
}

@inline
export function polynomial3(x: v128, c: usize): v128 {
  return plus(polynomial1(x, c), polynomial1(x, c + 8), f32x4.mul(x, x));
}

@inline
function fourthPower(x: v128): v128 {
  const square = f32x4.mul(x, x);
  return f32x4.mul(square, square);
}

@inline
export function polynomial4(x: v128, c: usize): v128 {
  return plus(polynomial3(x, c), splat(c + 16), fourthPower(x));
}

@inline
export function polynomial5(x: v128, c: usize): v128 {
  return plus(polynomial3(x, c), polynomial1(x, c + 16), fourthPower(x));
}

@inline
export function polynomial6(x: v128, c: usize): v128 {
  return plus(polynomial3(x, c), polynomial2(x, c + 16), fourthPower(x));
}

/** Degree 9 by Horner's rule. */
@inline
export function horner9(x: v128, c: usize): v128 {
  let sum = plus(splat(c + 32), splat(c + 36), x);
  sum = plus(splat(c + 28), sum, x);
  sum = plus(splat(c + 24), sum, x);
  sum = plus(splat(c + 20), sum, x);
  sum = plus(splat(c + 16), sum, x);
  sum = plus(splat(c + 12), sum, x);
  sum = plus(splat(c + 8), sum, x);
  sum = plus(splat(c + 4), sum, x);
  return plus(splat(c), sum, x);
}
