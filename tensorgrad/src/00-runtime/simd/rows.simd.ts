// Reductions of one row to one number, shared by the reductions and by softmax.

import { storeLanes } from "./lanes.simd";
import { madd, maddScalar } from "./madd.simd";
import { horizontalSum } from "./simd-math.simd";

/**
 * Up to this many terms are added one after the other (per lane), longer sums are halved: pairwise summation.
 */
export const BLOCK: usize = 128;
/** So many terms go into the sixteen sums of one loop at most. */
export const RUN: usize = BLOCK * 16;

/** The sum of n adjacent floats. */
export function sumOfRow(x: usize, n: usize): f32 {
  if (n > RUN) {
    const half = (n >> 1) & ~15;
    return sumOfRow(x, half) + sumOfRow(x + (half << 2), n - half);
  }
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  for (; n >= 16; n -= 16, x += 64) {
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
    s2 = f32x4.add(s2, v128.load(x, 32));
    s3 = f32x4.add(s3, v128.load(x, 48));
  }
  for (; n >= 4; n -= 4, x += 16) s0 = f32x4.add(s0, v128.load(x));
  let total = horizontalSum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; n > 0; n--, x += 4) total += load<f32>(x);
  return total;
}

/** Rows shorter than this are added four at a time, sharing the sums across lanes and the ends: BLOCK terms per lane. */
export const SHORT: usize = BLOCK * 4;

/** y[r] = the sum of n adjacent floats of each row, `step` bytes after one another. */
export function sumOfShortRows(x: usize, y: usize, rows: usize, n: usize, step: usize): void {
  for (; rows >= 4; rows -= 4, x += step << 2, y += 16) {
    v128.store(y, sumOfFour(x, x + step, x + 2 * step, x + 3 * step, n));
  }
  if (rows == 0) return;
  // Fewer than four: the last one takes the place of those that do not exist.
  const second = rows > 1 ? x + step : x;
  const third = rows > 2 ? second + step : second;
  storeLanes(y, sumOfFour(x, second, third, third, n), rows);
}

@inline
function sumOfFour(x0: usize, x1: usize, x2: usize, x3: usize, n: usize): v128 {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  let i: usize = 0;
  for (const end = (n & ~3) << 2; i < end; i += 16) {
    s0 = f32x4.add(s0, v128.load(x0 + i));
    s1 = f32x4.add(s1, v128.load(x1 + i));
    s2 = f32x4.add(s2, v128.load(x2 + i));
    s3 = f32x4.add(s3, v128.load(x3 + i));
  }
  const pairs01 = f32x4.add(v128.shuffle<i64>(s0, s1, 0, 2), v128.shuffle<i64>(s0, s1, 1, 3));
  const pairs23 = f32x4.add(v128.shuffle<i64>(s2, s3, 0, 2), v128.shuffle<i64>(s2, s3, 1, 3));
  const even = v128.shuffle<f32>(pairs01, pairs23, 0, 2, 4, 6);
  let total = f32x4.add(even, v128.shuffle<f32>(pairs01, pairs23, 1, 3, 5, 7));
  for (const end = n << 2; i < end; i += 4) {
    let last = v128.load32_splat(x0 + i);
    last = v128.load_lane<f32>(x1 + i, last, 1);
    last = v128.load_lane<f32>(x2 + i, last, 2);
    total = f32x4.add(total, v128.load_lane<f32>(x3 + i, last, 3));
  }
  return total;
}

/** Σ a[p]·b[p] with four vectors of partial sums, which hide the latency of the additions; long ones by halves. */
export function dot(a: usize, b: usize, k: usize): f32 {
  if (k > RUN) {
    const half = (k >> 1) & ~15;
    return dot(a, b, half) + dot(a + (half << 2), b + (half << 2), k - half);
  }
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  const end = a + (k << 2);
  for (; a + 64 <= end; a += 64, b += 64) {
    s0 = madd(v128.load(a), v128.load(b), s0);
    s1 = madd(v128.load(a, 16), v128.load(b, 16), s1);
    s2 = madd(v128.load(a, 32), v128.load(b, 32), s2);
    s3 = madd(v128.load(a, 48), v128.load(b, 48), s3);
  }
  for (; a + 16 <= end; a += 16, b += 16) s0 = madd(v128.load(a), v128.load(b), s0);
  let sum = horizontalSum(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; a < end; a += 4, b += 4) sum = maddScalar(load<f32>(a), load<f32>(b), sum);
  return sum;
}

// The largest and the smallest: pmax and pmin, one instruction each, drop NaN and cannot tell −0 from 0; so
// NaN is looked for on the side, and a zero may come out with either sign. The last vector may overlap the
// one before.

@inline
export function maxOfLanes(v: v128): f32 {
  const pairs = f32x4.pmax(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)), 0);
}

/** The largest of n floats that lie `step` bytes apart; NaN if there is one, −∞ if there are none. */
export function maxOfRow(x: usize, n: usize, step: usize): f32 {
  if (step != 4 || n < 4) {
    let largest: f32 = -Infinity;
    for (; n > 0; n--, x += step) largest = max<f32>(largest, load<f32>(x));
    return largest;
  }
  const last = x + ((n - 4) << 2);
  let m0 = v128.load(last);
  let m1 = m0;
  let nan = f32x4.ne(m0, m0);
  for (; x + 16 <= last; x += 32) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    m0 = f32x4.pmax(m0, x0);
    m1 = f32x4.pmax(m1, x1);
    nan = v128.or(nan, v128.or(f32x4.ne(x0, x0), f32x4.ne(x1, x1)));
  }
  if (x < last) {
    const x0 = v128.load(x);
    m0 = f32x4.pmax(m0, x0);
    nan = v128.or(nan, f32x4.ne(x0, x0));
  }
  return v128.any_true(nan) ? NaN : maxOfLanes(f32x4.pmax(m0, m1));
}

@inline
function minOfLanes(v: v128): f32 {
  const pairs = f32x4.pmin(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmin(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)), 0);
}

/** The smallest of n floats that lie `step` bytes apart; NaN if there is one, ∞ if there are none. */
export function minOfRow(x: usize, n: usize, step: usize): f32 {
  if (step != 4 || n < 4) {
    let smallest: f32 = Infinity;
    for (; n > 0; n--, x += step) smallest = min<f32>(smallest, load<f32>(x));
    return smallest;
  }
  const last = x + ((n - 4) << 2);
  let m0 = v128.load(last);
  let m1 = m0;
  let nan = f32x4.ne(m0, m0);
  for (; x + 16 <= last; x += 32) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    m0 = f32x4.pmin(m0, x0);
    m1 = f32x4.pmin(m1, x1);
    nan = v128.or(nan, v128.or(f32x4.ne(x0, x0), f32x4.ne(x1, x1)));
  }
  if (x < last) {
    const x0 = v128.load(x);
    m0 = f32x4.pmin(m0, x0);
    nan = v128.or(nan, f32x4.ne(x0, x0));
  }
  return v128.any_true(nan) ? NaN : minOfLanes(f32x4.pmin(m0, m1));
}
