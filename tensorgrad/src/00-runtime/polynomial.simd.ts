// Polynomials c₀ + c₁x + c₂x² + … of vectors, by Estrin's scheme: pairs of terms are evaluated side by side, so
// the chain of dependent operations is half as long as with Horner's rule.
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

@inline
function polynomial7(x: v128, c: usize): v128 {
  return plus(polynomial3(x, c), polynomial3(x, c + 16), fourthPower(x));
}

@inline
function eighthPower(x: v128): v128 {
  const fourth = fourthPower(x);
  return f32x4.mul(fourth, fourth);
}

@inline
export function polynomial8(x: v128, c: usize): v128 {
  return plus(polynomial7(x, c), splat(c + 32), eighthPower(x));
}

@inline
export function polynomial9(x: v128, c: usize): v128 {
  return plus(polynomial7(x, c), polynomial1(x, c + 32), eighthPower(x));
}
