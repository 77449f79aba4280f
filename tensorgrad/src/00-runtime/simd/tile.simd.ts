// The innermost part of every product, of matrices and of attention.

import { madd } from "./madd.simd";

/**
 * The micro-kernel: two rows of C = alpha·A·B + beta·C, sixteen columns wide. Row r is the sum over p < depth of a[r][p]·b[p]; the
 * numbers of A lie `aStep` bytes apart, the rows of B `bStep` bytes. Both rows of C may be the same one: a single row.
 *
 * V8 has fifteen registers to give and loads everything that a turn of the loop needs at its start: 8 sums, 2 splats and 4 vectors
 * of the panel fit. Larger tiles, and any unrolling by hand, spill inside the loop and lose a third to a half
 * (notes/measure/tiles.ts). Inline, so that steps that a caller knows take no register.
 */
@inline
export function tileOf(
  a0: usize, a1: usize, aStep: usize, b: usize, bStep: usize, c0: usize, c1: usize,
  depth: usize, alpha0: f32, alpha1: f32, beta0: f32, beta1: f32,
): void {
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s02 = f32x4.splat(0);
  let s03 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s12 = f32x4.splat(0);
  let s13 = f32x4.splat(0);
  for (const end = b + depth * bStep; b < end; b += bStep, a0 += aStep, a1 += aStep) {
    const x0 = v128.load32_splat(a0);
    const x1 = v128.load32_splat(a1);
    let v = v128.load(b);
    s00 = madd(x0, v, s00);
    s10 = madd(x1, v, s10);
    v = v128.load(b, 16);
    s01 = madd(x0, v, s01);
    s11 = madd(x1, v, s11);
    v = v128.load(b, 32);
    s02 = madd(x0, v, s02);
    s12 = madd(x1, v, s12);
    v = v128.load(b, 48);
    s03 = madd(x0, v, s03);
    s13 = madd(x1, v, s13);
  }
  storeRow(c0, s00, s01, s02, s03, alpha0, beta0);
  if (c1 != c0) storeRow(c1, s10, s11, s12, s13, alpha1, beta1);
}

/** C = alpha·sum + beta·C; with beta 0, C may hold anything. */
@inline
function storeRow(c: usize, v0: v128, v1: v128, v2: v128, v3: v128, alpha: f32, beta: f32): void {
  const scale = f32x4.splat(alpha);
  v0 = f32x4.mul(v0, scale);
  v1 = f32x4.mul(v1, scale);
  v2 = f32x4.mul(v2, scale);
  v3 = f32x4.mul(v3, scale);
  if (beta != 0) {
    const keep = f32x4.splat(beta);
    v0 = madd(keep, v128.load(c), v0);
    v1 = madd(keep, v128.load(c, 16), v1);
    v2 = madd(keep, v128.load(c, 32), v2);
    v3 = madd(keep, v128.load(c, 48), v3);
  }
  v128.store(c, v0);
  v128.store(c, v1, 16);
  v128.store(c, v2, 32);
  v128.store(c, v3, 48);
}
