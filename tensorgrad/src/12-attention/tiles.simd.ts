// Products of small blocks that lie in the first-level cache: what attention does with a block of keys.

import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { madd } from "../00-runtime/simd/madd.simd";
import { tileOf } from "../00-runtime/simd/tile.simd";

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

/** Sixteen columns. */
export function wide(
  a0: usize, a1: usize, aStep: usize, b: usize, bStep: usize, c0: usize, c1: usize,
  depth: usize, alpha0: f32, alpha1: f32, beta0: f32, beta1: f32,
): void {
  tileOf(a0, a1, aStep, b, bStep, c0, c1, depth, alpha0, alpha1, beta0, beta1);
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
