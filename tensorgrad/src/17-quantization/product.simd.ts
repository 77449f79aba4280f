// Products of bytes with signed bytes. Integers are exact: results are the same on every thread, in both builds, whichever
// way below computes them.
//
// - 7 bits: i16x8.relaxed_dot_i8x16_i7x16_s multiplies 16 pairs at once where every a is at most 127. Pairs of products fit in
//   16 bits: 2·127·128 < 2¹⁵. Its sibling that adds up to 32 bits by itself is wrong in the first compiler of Node 20.
// - 8 bits: a and w are widened to 16 bits; i32x4.dot_i16x8_s multiplies 8 pairs at once.
//
// A few rows stream the weights once, four rows of w at a time. More rows go through panels of 16 columns, whose words of
// 32 bits hold four (or two) terms of one column:
//
//   for each stretch of the summed dim
//     for each block of rows of a               (copied, so that rows end in zeros)
//       for each panel of 16 columns
//         for each four rows: two tiles of 4 × 8 sums, in registers

import { scratch } from "../00-runtime/simd/scratch.simd";

/** Up to so many rows it does not pay to pack w. */
export const FEW: usize = 4;
/** What so many of the longest rows (65,000) take at 16 bits. */
export const WIDE_BYTES: usize = FEW * 2 * 65_536;
/** Longest stretch of the summed dim: a panel then takes 64 or 128 KiB. */
const DEPTH: usize = 4096;
/** What a block of rows may take: it stays in the second cache. */
const BLOCK_BYTES: usize = 524_288;
const MAX_ROWS: usize = 512;

/** A tile of 4 × 16 at the edge is written here first; then rows of w that end within a vector. */
const EDGE_BYTES: usize = 4 * 16 * 4;
const TAIL_BYTES: usize = 4 * 16;
const PANEL_BYTES: usize = DEPTH * 16 * 2;

@inline
function sumOf(v: v128): i32 {
  const pairs = i32x4.add(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

/** sums + w·a, of 16 pairs of bytes (T = u8) or 8 pairs of 16 bits (T = i16). */
@inline
function grow<T>(sums: v128, w: v128, a: v128): v128 {
  if (sizeof<T>() == 1) {
    if (ASC_FEATURE_RELAXED_SIMD) {
      return i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(i16x8.relaxed_dot_i8x16_i7x16_s(w, a)));
    }
  }
  return i32x4.add(sums, i32x4.dot_i16x8_s(w, a));
}

/** Weights as the same many T. */
@inline
function loadWeights<T>(w: usize): v128 {
  return sizeof<T>() == 1 ? v128.load(w) : v128.load_ext<i8>(w);
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
  const seven = ASC_FEATURE_RELAXED_SIMD && haveSevenBits(a, m * k);
  if (m <= FEW && seven) {
    alongRows<u8>(a, k, w, y, m, n, k, yRow << 2);
  } else if (m <= FEW) {
    for (let i: usize = 0; i < m; i++) widen(a + i * k, scratch + i * wideRow(k), k);
    alongRows<i16>(scratch, wideRow(k), w, y, m, n, k, yRow << 2);
  } else if (seven) {
    blocked<u8>(a, w, y, m, n, k, yRow << 2);
  } else {
    blocked<i16>(a, w, y, m, n, k, yRow << 2);
  }
}

// From here on yRow is in bytes.

@inline
function wideRow(k: usize): usize {
  return (2 * k + 15) & ~15;
}

/** Bytes to 16 bits. */
function widen(from: usize, to: usize, n: usize): void {
  for (; n >= 8; n -= 8, from += 8, to += 16) v128.store(to, v128.load_ext<u8>(from));
  for (; n > 0; n--, from++, to += 2) store<u16>(to, <u16>load<u8>(from));
}

function alongRows<T>(a: usize, aRow: usize, w: usize, y: usize, m: usize, n: usize, k: usize, yRow: usize): void {
  let j: usize = 0;
  for (; j + 4 <= n; j += 4, w += 4 * k) {
    for (let i: usize = 0; i < m; i++) fourDots<T>(a + i * aRow, w, y + i * yRow + (j << 2), k);
  }
  for (; j < n; j++, w += k) {
    for (let i: usize = 0; i < m; i++) oneDot<T>(a + i * aRow, w, y + i * yRow + (j << 2), k);
  }
}

/** Four rows of w at once: memory delivers four streams faster than one. */
function fourDots<T>(a: usize, w: usize, y: usize, k: usize): void {
  const step: usize = 16 / sizeof<T>();
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
    s0 = grow<T>(s0, loadWeights<T>(w), x);
    s1 = grow<T>(s1, loadWeights<T>(w1), x);
    s2 = grow<T>(s2, loadWeights<T>(w2), x);
    s3 = grow<T>(s3, loadWeights<T>(w3), x);
  }
  let r0 = sumOf(s0);
  let r1 = sumOf(s1);
  let r2 = sumOf(s2);
  let r3 = sumOf(s3);
  for (; n > 0; n--, a += sizeof<T>(), w++, w1++, w2++, w3++) {
    const x = <i32>load<T>(a);
    r0 += x * <i32>load<i8>(w);
    r1 += x * <i32>load<i8>(w1);
    r2 += x * <i32>load<i8>(w2);
    r3 += x * <i32>load<i8>(w3);
  }
  store<i32>(y, r0);
  store<i32>(y, r1, 4);
  store<i32>(y, r2, 8);
  store<i32>(y, r3, 12);
}

function oneDot<T>(a: usize, w: usize, y: usize, k: usize): void {
  const step: usize = 16 / sizeof<T>();
  let s = i32x4.splat(0);
  let n = k;
  for (; n >= step; n -= step, a += 16, w += step) s = grow<T>(s, loadWeights<T>(w), v128.load(a));
  let r = sumOf(s);
  for (; n > 0; n--, a += sizeof<T>(), w++) r += <i32>load<T>(a) * <i32>load<i8>(w);
  store<i32>(y, r);
}

function blocked<T>(a: usize, w: usize, y: usize, m: usize, n: usize, k: usize, yRow: usize): void {
  const stretches = max<usize>(1, (k + DEPTH - 1) / DEPTH);
  const depth = ((k + stretches - 1) / stretches + 15) & ~15;
  for (let s: usize = 0; s < stretches; s++) {
    const p = min(k, s * depth);
    stretch<T>(a + p, w + p, y, m, n, min(depth, k - p), k, yRow, s > 0);
  }
}

/** `depth` of the k terms; all but the first stretch add to what is there. */
function stretch<T>(
  a: usize, w: usize, y: usize, m: usize, n: usize, depth: usize, k: usize, yRow: usize, add: bool,
): void {
  const row = ((depth * sizeof<T>() + 15) & ~15);
  const rows = row == 0 ? MAX_ROWS : min<usize>(MAX_ROWS, (BLOCK_BYTES / row) & ~3);
  const panel = scratch + EDGE_BYTES + TAIL_BYTES;
  const block = panel + PANEL_BYTES;
  for (let i: usize = 0; i < m; i += rows) {
    const height = min(rows, m - i);
    for (let r: usize = 0; r < height; r++) copyRow<T>(a + (i + r) * k, block + r * row, depth, row);
    memory.fill(block + height * row, 0, ((0 - height) & 3) * row); // rows that complete the last tile
    for (let j: usize = 0; j < n; j += 16) {
      pack<T>(w + j * k, panel, min<usize>(16, n - j), depth, k);
      const to = y + i * yRow + (j << 2);
      for (let r: usize = 0; r < height; r += 4) {
        tiles<T>(block + r * row, panel, to + r * yRow, min<usize>(4, height - r), min<usize>(16, n - j), row, yRow, add);
      }
    }
  }
}

/** A row of a as T, with zeros up to the next vector. */
function copyRow<T>(from: usize, to: usize, depth: usize, row: usize): void {
  if (sizeof<T>() == 1) memory.copy(to, from, depth);
  else widen(from, to, depth);
  memory.fill(to + depth * sizeof<T>(), 0, row - depth * sizeof<T>());
}

/** Sixteen rows of w as words [depth/terms][16] of 32 bits; zeros where there are no more rows or terms. */
function pack<T>(w: usize, panel: usize, cols: usize, depth: usize, k: usize): void {
  const step: usize = 16 / sizeof<T>();
  const tail = scratch + EDGE_BYTES;
  for (let c: usize = 0; c < 16; c += 4, w += 4 * k, panel += 16) {
    let to = panel;
    let p: usize = 0;
    if (c + 4 <= cols) for (; p + step <= depth; p += step, to += 256) interleave<T>(w + p, k, to);
    for (; p < depth; p += step, to += 256) {
      memory.fill(tail, 0, TAIL_BYTES);
      for (let r: usize = 0; r < 4 && c + r < cols; r++) memory.copy(tail + 16 * r, w + r * k + p, min(step, depth - p));
      interleave<T>(tail, 16, to);
    }
  }
}

/** One vector of four rows each, transposed word by word. */
@inline
function interleave<T>(w: usize, wRow: usize, to: usize): void {
  const r0 = loadWeights<T>(w);
  const r1 = loadWeights<T>(w + wRow);
  const r2 = loadWeights<T>(w + 2 * wRow);
  const r3 = loadWeights<T>(w + 3 * wRow);
  const t0 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
  const t2 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const t3 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(t0, t1, 0, 2));
  v128.store(to, v128.shuffle<i64>(t0, t1, 1, 3), 64);
  v128.store(to, v128.shuffle<i64>(t2, t3, 0, 2), 128);
  v128.store(to, v128.shuffle<i64>(t2, t3, 1, 3), 192);
}

/** Up to 4 × 16 sums; at the edges they are computed whole, beside. */
function tiles<T>(
  a: usize, panel: usize, y: usize, rows: usize, cols: usize, row: usize, yRow: usize, add: bool,
): void {
  if (rows == 4 && cols == 16 && !add) {
    tile<T>(a, panel, y, row, yRow);
    tile<T>(a, panel + 32, y + 32, row, yRow);
    return;
  }
  tile<T>(a, panel, scratch, row, 64);
  tile<T>(a, panel + 32, scratch + 32, row, 64);
  for (let r: usize = 0; r < rows; r++) {
    for (let c: usize = 0; c < cols << 2; c += 4) {
      const to = y + r * yRow + c;
      store<i32>(to, load<i32>(scratch + 64 * r + c) + (add ? load<i32>(to) : 0));
    }
  }
}

/** The innermost loop: y[4, 8] = a[4, …]·panel[…, 8]. Eight sums, two vectors of w and one word of a fit the registers. */
function tile<T>(a: usize, panel: usize, y: usize, row: usize, yRow: usize): void {
  let y00 = i32x4.splat(0);
  let y01 = i32x4.splat(0);
  let y10 = i32x4.splat(0);
  let y11 = i32x4.splat(0);
  let y20 = i32x4.splat(0);
  let y21 = i32x4.splat(0);
  let y30 = i32x4.splat(0);
  let y31 = i32x4.splat(0);
  let a1 = a + row;
  let a2 = a1 + row;
  let a3 = a2 + row;
  for (const end = a + row; a < end; a += 4, a1 += 4, a2 += 4, a3 += 4, panel += 64) {
    const b = v128.load(panel);
    const c = v128.load(panel, 16);
    let x = v128.load32_splat(a);
    y00 = grow<T>(y00, b, x);
    y01 = grow<T>(y01, c, x);
    x = v128.load32_splat(a1);
    y10 = grow<T>(y10, b, x);
    y11 = grow<T>(y11, c, x);
    x = v128.load32_splat(a2);
    y20 = grow<T>(y20, b, x);
    y21 = grow<T>(y21, c, x);
    x = v128.load32_splat(a3);
    y30 = grow<T>(y30, b, x);
    y31 = grow<T>(y31, c, x);
  }
  v128.store(y, y00);
  v128.store(y, y01, 16);
  v128.store(y + yRow, y10);
  v128.store(y + yRow, y11, 16);
  v128.store(y + 2 * yRow, y20);
  v128.store(y + 2 * yRow, y21, 16);
  v128.store(y + 3 * yRow, y30);
  v128.store(y + 3 * yRow, y31, 16);
}
