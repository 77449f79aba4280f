// What attention forward and backward share: scores of two queries and a block of keys.
//
// Queries go in pairs, for which scores are a product with 16 keys at a time in panels, as in a matrix product. What a pair
// sees beyond its last key is computed and hidden, and adds 0: a query's result does not depend on its partner.

import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { dot } from "../00-runtime/simd/rows.simd";
import { scratch } from "../00-runtime/simd/scratch.simd";
import { gatherRows } from "../00-runtime/simd/strided.simd";
import { wide } from "./tiles.simd";

/** As the reference lists them. */
@unmanaged
export class Sizes {
  N: i32;
  H: i32;
  Hk: i32;
  T: i32;
  S: i32;
  D: i32;
  E: i32;
  causal: i32;
  masked: i32;
}

// Where the strides of a tensor stand in the list: of sequences, heads, rows.
@inline
export const Q: usize = 9 * 4;
@inline
export const K: usize = 12 * 4;
@inline
export const V: usize = 15 * 4;
@inline
export const Y: usize = 18 * 4;
@inline
export const G: usize = 21 * 4;
@inline
export const DQ: usize = 24 * 4;
@inline
export const DK: usize = 27 * 4;
@inline
export const DV: usize = 30 * 4;
@inline
const MASK: usize = 33 * 4;

/** Keys of a block, forward: their panels and values lie in the first-level cache. */
@inline
export const KEYS: usize = 128;
/** Keys, and queries, of a block backward: with all that is summed, 80 KiB at a width of 32. */
@inline
export const SMALL: usize = 64;
/** Bytes of a row of scores or weights. */
@inline
export const ROW: usize = KEYS * 4;
/** Up to so many queries, scores are dot products: it does not pay to bring keys into panels. */
@inline
export const FEW: usize = 3;

// Scratch: rows of scores or weights, two more rows, then the panels.
@inline
export function rows(): usize {
  return scratch;
}
@inline
export function spare(): usize {
  return rows() + SMALL * ROW;
}
@inline
export function panels(): usize {
  return spare() + 2 * ROW;
}

/** Where head h of sequence n begins. */
@inline
export function headOf(x: usize, sizes: usize, at: usize, n: usize, h: usize): usize {
  return x + ((n * load<u32>(sizes + at) + h * load<u32>(sizes + at, 4)) << 2);
}

/** Bytes from one row to the next. */
@inline
export function rowOf(sizes: usize, at: usize): usize {
  return <usize>load<u32>(sizes + at, 8) << 2;
}

/** Rows [count, width] in panels of 16 of them: [width, 16] each, zeros after the last. */
export function intoPanels(x: usize, row: usize, to: usize, count: usize, width: usize): void {
  for (let j: usize = 0; j < count; j += 16, to += width << 6, x += row << 4) {
    const n = min<usize>(16, count - j);
    if (n < 16) memory.fill(to, 0, width << 6);
    gatherRows(x, to, width, n, 4, row, 64);
  }
}

/** Scores of two queries and `count` keys, whose panels lie one after the other; whole panels are written. */
@inline
export function scores(q0: usize, q1: usize, panel: usize, s: usize, count: usize, width: usize, scale: f32): void {
  for (let j: usize = 0; j < count; j += 16, s += 64, panel += width << 6) {
    wide(q0, q1, 4, panel, 64, s, s + ROW, width, scale, scale, 0, 0);
  }
}

/** The same of keys where they lie. */
function dots(q0: usize, q1: usize, k: usize, kRow: usize, s: usize, count: usize, width: usize, scale: f32): void {
  for (let j: usize = 0; j < count; j++, k += kRow, s += 4) {
    store<f32>(s, dot(q0, k, width) * scale);
    store<f32>(s + ROW, dot(q1, k, width) * scale);
  }
}

/** s += mask, whose numbers lie `step` bytes apart: 4, or 0 for one that all keys share. */
function addMask(s: usize, mask: usize, step: usize, count: usize): void {
  if (step == 0) {
    const shared = v128.load32_splat(mask);
    for (let p: usize = 0; p < count << 2; p += 16) v128.store(s + p, f32x4.add(v128.load(s + p), shared));
    return;
  }
  for (; count >= 4; count -= 4, s += 16, mask += 16) v128.store(s, f32x4.add(v128.load(s), v128.load(mask)));
  if (count > 0) storeLanes(s, f32x4.add(loadLanes(s, count), loadLanes(mask, count)), count);
}

/** −∞ from number `from` to the end of its vector, and to before `to`. */
@inline
function hide(s: usize, from: usize, to: usize): void {
  for (; from < to || (from & 3) != 0; from++) store<f32>(s + (from << 2), -Infinity);
}

/** What there is of one head of queries, and of the keys that it looks at. */
@unmanaged
export class Head {
  T: usize;
  S: usize;
  /** The first query's last key is number `ahead`. */
  ahead: usize;
  causal: bool;
  scale: f32;
  width: usize;
  q: usize;
  qRow: usize;
  k: usize;
  kRow: usize;
  /** 0 where there is none. */
  mask: usize;
  maskRow: usize;
  maskStep: usize;
}

/** One for each thread: it lies in scratch, before the panels. */
@inline
function head(): Head {
  return changetype<Head>(panels());
}
@inline
export const HEAD_BYTES: usize = 128;

export function openHead(q: usize, k: usize, mask: usize, sizes: usize, scale: f32, n: usize, h: usize): Head {
  const z = changetype<Sizes>(sizes);
  const it = head();
  it.T = z.T;
  it.S = z.S;
  it.ahead = z.causal ? <usize>(z.S - z.T) : 0;
  it.causal = z.causal != 0;
  it.scale = scale;
  it.width = z.D;
  it.q = headOf(q, sizes, Q, n, h);
  it.qRow = rowOf(sizes, Q);
  it.k = headOf(k, sizes, K, n, h / <usize>(z.H / z.Hk));
  it.kRow = rowOf(sizes, K);
  it.mask = z.masked ? headOf(mask, sizes, MASK, n, h) : 0;
  it.maskRow = rowOf(sizes, MASK);
  it.maskStep = <usize>load<u32>(sizes + MASK, 12) << 2;
  return it;
}

/** How many keys of a block from `start` on query i sees. */
@inline
export function seen(it: Head, i: usize, start: usize, live: usize): usize {
  if (!it.causal) return live;
  const own = i + it.ahead + 1;
  return own <= start ? 0 : min(live, own - start);
}

/** Masked scores of queries i0 and i1 in two rows at s, −∞ for what is not seen up to whole vectors; how many keys i1 sees. */
@inline
export function maskedScores(it: Head, keys: usize, s: usize, i0: usize, i1: usize, start: usize, live: usize): usize {
  const count = seen(it, i1, start, live);
  const q0 = it.q + i0 * it.qRow;
  const q1 = it.q + i1 * it.qRow;
  if (keys == 0) dots(q0, q1, it.k + start * it.kRow, it.kRow, s, count, it.width, it.scale);
  else scores(q0, q1, keys, s, count, it.width, it.scale);
  if (it.mask != 0) {
    const from = it.mask + start * it.maskStep;
    addMask(s, from + i0 * it.maskRow, it.maskStep, count);
    addMask(s + ROW, from + i1 * it.maskRow, it.maskStep, count);
  }
  hide(s, seen(it, i0, start, live), count);
  hide(s + ROW, count, count);
  return count;
}

