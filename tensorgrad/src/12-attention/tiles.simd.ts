// Products of small blocks that lie in the first-level cache: what attention does with a block of keys.

import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { madd } from "../00-runtime/simd/madd.simd";

/**
 * Two rows of C = alpha·A·B + beta·C, `cols` wide: row r is the sum over p < depth of a[r][p]·b[p]. The numbers of A lie `aStep`
 * bytes apart, the rows of B `bStep` bytes. Both rows of C may be the same one: a single row.
 */
export function twoRows(
  a0: usize, a1: usize, aStep: usize, b: usize, bStep: usize, c0: usize, c1: usize,
  cols: usize, depth: usize, alpha0: f32, alpha1: f32, beta0: f32, beta1: f32,
): void {
  for (; cols >= 16; cols -= 16, b += 64, c0 += 64, c1 += 64) {
    wide(a0, a1, aStep, b, bStep, c0, c1, depth, alpha0, alpha1, beta0, beta1);
  }
  for (; cols > 0; b += 16, c0 += 16, c1 += 16) {
    const lanes = min<usize>(4, cols);
    narrow(a0, a1, aStep, b, bStep, c0, c1, lanes, depth, alpha0, alpha1, beta0, beta1);
    cols -= lanes;
  }
}

/** Sixteen columns: eight sums in registers, as in the tile of the matrix product. */
export function wide(
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

/** One to four columns. */
function narrow(
  a0: usize, a1: usize, aStep: usize, b: usize, bStep: usize, c0: usize, c1: usize, lanes: usize,
  depth: usize, alpha0: f32, alpha1: f32, beta0: f32, beta1: f32,
): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  for (const end = b + depth * bStep; b < end; b += bStep, a0 += aStep, a1 += aStep) {
    const v = loadLanes(b, lanes);
    s0 = madd(v128.load32_splat(a0), v, s0);
    s1 = madd(v128.load32_splat(a1), v, s1);
  }
  storeNarrow(c0, s0, lanes, alpha0, beta0);
  if (c1 != c0) storeNarrow(c1, s1, lanes, alpha1, beta1);
}

@inline
function storeNarrow(c: usize, v: v128, lanes: usize, alpha: f32, beta: f32): void {
  v = f32x4.mul(v, f32x4.splat(alpha));
  if (beta != 0) v = madd(f32x4.splat(beta), loadLanes(c, lanes), v);
  storeLanes(c, v, lanes);
}
