// Multiply and add, the step that products, sums and polynomials are made of. Everything that may be split
// differently between threads, edges included, takes the same of these, so that it rounds the same.

/** x·y + sum: rounded once in the relaxed build, twice in the baseline. */
@inline
export function madd(x: v128, y: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, sum);
  return f32x4.add(sum, f32x4.mul(x, y));
}

/** sum − x·y. */
@inline
export function msub(x: v128, y: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(x, y, sum);
  return f32x4.sub(sum, f32x4.mul(x, y));
}

/** x·y + sum of two lanes in double precision. */
@inline
export function madd64(x: v128, y: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(x, y, sum);
  return f64x2.add(sum, f64x2.mul(x, y));
}

/** One number: in lane 0, for WebAssembly has no such instruction for scalars. */
@inline
export function maddScalar(x: f32, y: f32, sum: f32): f32 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f32x4.extract_lane(f32x4.relaxed_madd(f32x4.splat(x), f32x4.splat(y), f32x4.splat(sum)), 0);
  }
  return sum + x * y;
}
