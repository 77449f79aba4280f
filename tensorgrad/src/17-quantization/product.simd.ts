// Products of bytes with signed bytes. Integers are exact: results are the same on every thread, in both builds, whichever
// way below computes them.
//
// - 7 bits: i16x8.relaxed_dot_i8x16_i7x16_s multiplies 16 pairs at once where every a is at most 127. Pairs of products fit in
//   16 bits: 2·127·128 < 2¹⁵. Its sibling that adds up to 32 bits by itself is wrong in the first compiler of Node 20.
// - 8 bits: a and w are widened to 16 bits; i32x4.dot_i16x8_s multiplies 8 pairs at once.
//
// Both operands lie along the summed dim, so nothing is packed, not even for a single row:
//
//   for each block of rows of a                  (a few, so that they stay in the first caches)
//     for each four rows of w
//       for each two rows of a: eight sums of vectors, in registers

import { scratch } from "../00-runtime/simd/scratch.simd";

/** What a block of rows may take: it is read again for every four rows of w. */
export const BLOCK_BYTES: usize = 24_576;
/** What two of the longest rows (65,000) take at 16 bits. */
export const WIDE_BYTES: usize = 2 * 2 * 65_536;

/** sums + w·a, of 16 pairs of bytes (T = u8) or 8 pairs of 16 bits (T = i16). */
@inline
function grow<T>(sums: v128, w: v128, a: v128, ones: v128): v128 {
  if (sizeof<T>() == 1) {
    if (ASC_FEATURE_RELAXED_SIMD) {
      return i32x4.add(sums, i32x4.dot_i16x8_s(i16x8.relaxed_dot_i8x16_i7x16_s(w, a), ones));
    }
  }
  return i32x4.add(sums, i32x4.dot_i16x8_s(w, a));
}

/** Weights as the same many T. */
@inline
function loadWeights<T>(w: usize): v128 {
  return sizeof<T>() == 1 ? v128.load(w) : v128.load_ext<i8>(w);
}

/** Of the last vector of a row: the `left` elements that came in no vector before, and zeros in the place of the others. */
@inline
function onlyLast<T>(a: v128, left: usize): v128 {
  if (sizeof<T>() == 1) {
    const lane = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return v128.and(a, i8x16.ge_s(lane, i8x16.splat(16 - <i8>left)));
  }
  return v128.and(a, i16x8.ge_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), i16x8.splat(8 - <i16>left)));
}

/** The sums of four vectors. */
@inline
function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

/** Whether every byte is at most 127. */
function haveSevenBits(a: usize, bytes: usize): bool {
  let any = i32x4.splat(0);
  for (; bytes >= 16; bytes -= 16, a += 16) any = v128.or(any, v128.load(a));
  let rest: u8 = 0;
  for (; bytes > 0; bytes--, a++) rest |= load<u8>(a);
  return i8x16.bitmask(any) == 0 && rest < 128;
}

export function productInt8(a: usize, w: usize, y: usize, m: usize, n: usize, k: usize, yRow: usize): void {
  productOf(a, w, y, m, n, k, yRow, haveSevenBits(a, m * k));
}

/** The same where it is known whether every byte of a is at most 127. */
export function productOf(
  a: usize, w: usize, y: usize, m: usize, n: usize, k: usize, yRow: usize, seven: bool,
): void {
  const bytes = ASC_FEATURE_RELAXED_SIMD && seven;
  const row = bytes ? k : k << 1;
  const rows = row == 0 ? m : max<usize>(2, (BLOCK_BYTES / row) & ~1);
  for (let i: usize = 0; i < m; i += rows) {
    const height = min(rows, m - i);
    const to = y + (i * yRow << 2);
    if (bytes) {
      block<u8>(a + i * k, w, to, height, n, k, yRow << 2);
    } else {
      widen(a + i * k, scratch, height * k);
      block<i16>(scratch, w, to, height, n, k, yRow << 2);
    }
  }
}

/** Bytes to 16 bits. */
function widen(from: usize, to: usize, n: usize): void {
  for (; n >= 8; n -= 8, from += 8, to += 16) v128.store(to, v128.load_ext<u8>(from));
  for (; n > 0; n--, from++, to += 2) store<u16>(to, <u16>load<u8>(from));
}

// From here on yRow is in bytes.

/** The last four rows of w may be some that came before: their sums are the same again. */
function block<T>(a: usize, w: usize, y: usize, m: usize, n: usize, k: usize, yRow: usize): void {
  if (n < 4 || k < 16 / sizeof<T>()) {
    plain<T>(a, w, y, m, n, k, yRow);
    return;
  }
  const row = k * sizeof<T>();
  for (let j: usize = 0; j < n; j += 4) {
    const first = min(j, n - 4);
    const four = w + first * k;
    let to = y + (first << 2);
    let from = a;
    let i = m;
    for (; i >= 2; i -= 2, from += 2 * row, to += 2 * yRow) eightDots<T>(from, four, to, k, yRow);
    if (i) fourDots<T>(from, four, to, k);
  }
}

/** For less than a vector or a tile. */
function plain<T>(a: usize, w: usize, y: usize, m: usize, n: usize, k: usize, yRow: usize): void {
  for (let i: usize = 0; i < m; i++, a += k * sizeof<T>(), y += yRow) {
    for (let j: usize = 0; j < n; j++) {
      let sum = 0;
      for (let p: usize = 0; p < k; p++) sum += <i32>load<T>(a + p * sizeof<T>()) * <i32>load<i8>(w + j * k + p);
      store<i32>(y + (j << 2), sum);
    }
  }
}

/** Two rows of a times four of w. Eight sums, two vectors of a and one of w fit the registers. */
function eightDots<T>(a: usize, w: usize, y: usize, k: usize, yRow: usize): void {
  const step: usize = 16 / sizeof<T>();
  const ones = i16x8.splat(1);
  let s0 = i32x4.splat(0);
  let s1 = i32x4.splat(0);
  let s2 = i32x4.splat(0);
  let s3 = i32x4.splat(0);
  let t0 = i32x4.splat(0);
  let t1 = i32x4.splat(0);
  let t2 = i32x4.splat(0);
  let t3 = i32x4.splat(0);
  let below = a + k * sizeof<T>();
  let w1 = w + k;
  let w2 = w1 + k;
  let w3 = w2 + k;
  let n = k;
  for (; n >= step; n -= step, a += 16, below += 16, w += step, w1 += step, w2 += step, w3 += step) {
    const x0 = v128.load(a);
    const x1 = v128.load(below);
    let v = loadWeights<T>(w);
    s0 = grow<T>(s0, v, x0, ones);
    t0 = grow<T>(t0, v, x1, ones);
    v = loadWeights<T>(w1);
    s1 = grow<T>(s1, v, x0, ones);
    t1 = grow<T>(t1, v, x1, ones);
    v = loadWeights<T>(w2);
    s2 = grow<T>(s2, v, x0, ones);
    t2 = grow<T>(t2, v, x1, ones);
    v = loadWeights<T>(w3);
    s3 = grow<T>(s3, v, x0, ones);
    t3 = grow<T>(t3, v, x1, ones);
  }
  if (n) {
    const back = step - n;
    const x0 = onlyLast<T>(v128.load(a - back * sizeof<T>()), n);
    const x1 = onlyLast<T>(v128.load(below - back * sizeof<T>()), n);
    let v = loadWeights<T>(w - back);
    s0 = grow<T>(s0, v, x0, ones);
    t0 = grow<T>(t0, v, x1, ones);
    v = loadWeights<T>(w1 - back);
    s1 = grow<T>(s1, v, x0, ones);
    t1 = grow<T>(t1, v, x1, ones);
    v = loadWeights<T>(w2 - back);
    s2 = grow<T>(s2, v, x0, ones);
    t2 = grow<T>(t2, v, x1, ones);
    v = loadWeights<T>(w3 - back);
    s3 = grow<T>(s3, v, x0, ones);
    t3 = grow<T>(t3, v, x1, ones);
  }
  v128.store(y, sumsOf(s0, s1, s2, s3));
  v128.store(y + yRow, sumsOf(t0, t1, t2, t3));
}

/** One row of a times four of w at once: memory delivers four streams faster than one. */
function fourDots<T>(a: usize, w: usize, y: usize, k: usize): void {
  const step: usize = 16 / sizeof<T>();
  const ones = i16x8.splat(1);
  let s0 = i32x4.splat(0);
  let s1 = i32x4.splat(0);
  let s2 = i32x4.splat(0);
  let s3 = i32x4.splat(0);
  let w1 = w + k;
  let w2 = w1 + k;
  let w3 = w2 + k;
  let n = k;
  for (; n >= step; n -= step, a += 16, w += step, w1 += step, w2 += step, w3 += step) {
    const x = v128.load(a);
    s0 = grow<T>(s0, loadWeights<T>(w), x, ones);
    s1 = grow<T>(s1, loadWeights<T>(w1), x, ones);
    s2 = grow<T>(s2, loadWeights<T>(w2), x, ones);
    s3 = grow<T>(s3, loadWeights<T>(w3), x, ones);
  }
  if (n) {
    const back = step - n;
    const x = onlyLast<T>(v128.load(a - back * sizeof<T>()), n);
    s0 = grow<T>(s0, loadWeights<T>(w - back), x, ones);
    s1 = grow<T>(s1, loadWeights<T>(w1 - back), x, ones);
    s2 = grow<T>(s2, loadWeights<T>(w2 - back), x, ones);
    s3 = grow<T>(s3, loadWeights<T>(w3 - back), x, ones);
  }
  v128.store(y, sumsOf(s0, s1, s2, s3));
}
