// Attention after Dao et al. 2022, FlashAttention: block by block of keys, so that no more than a block of weights exists.
// Of each query, the largest score so far and the sum of exponentials are kept; when a larger score comes, what was summed
// is scaled down. Gradients compute the weights of a block anew.

import { dot, maxOfLanes } from "../00-runtime/simd/rows.simd";
import { expOrZero, horizontalSum } from "../00-runtime/simd/simd-math.simd";
import {
  DK, DQ, DV, FEW, G, HEAD_BYTES, Head, headOf, intoPanels, KEYS, maskedScores, openHead, panels, ROW, rowOf, rows, scores, seen,
  Sizes, SMALL, spare, V, Y,
} from "./scores.simd";
import { twoRows } from "./tiles.simd";

@inline
function largest(s: usize, bytes: usize): f32 {
  let top = f32x4.splat(-Infinity);
  for (let p: usize = 0; p < bytes; p += 16) top = f32x4.pmax(top, v128.load(s + p));
  return maxOfLanes(top);
}

@inline
function expOf(x: f32): f32 {
  return f32x4.extract_lane(expOrZero(f32x4.splat(x)), 0);
}

export function attention(
  q: usize, k: usize, v: usize, mask: usize, y: usize, stats: usize, sizes: usize,
  scale: f32, first: usize, count: usize, cost: f64,
): void {
  const z = changetype<Sizes>(sizes);
  const H: usize = z.H;
  const E: usize = z.E;
  for (let unit = first; unit < first + count; unit++) {
    const n = unit / H;
    const h = unit % H;
    const it = openHead(q, k, mask, sizes, scale, n, h);
    const values = headOf(v, sizes, V, n, h / (H / <usize>z.Hk));
    const into = headOf(y, sizes, Y, n, h);
    const kept = stats + ((unit * it.T) << 3);
    for (let start: usize = 0; start < it.S; start += KEYS) {
      attendBlock(it, values, rowOf(sizes, V), into, rowOf(sizes, Y), kept, E, start);
    }
  }
}

/** Every query that sees some of a block's keys takes them in. */
function attendBlock(
  it: Head, v: usize, vRow: usize, y: usize, yRow: usize, stats: usize, E: usize, start: usize,
): void {
  const live = min(KEYS, it.S - start);
  let keys: usize = 0;
  if (it.T > FEW) {
    keys = panels() + HEAD_BYTES;
    intoPanels(it.k + start * it.kRow, it.kRow, keys, live, it.width);
  }
  const from = v + start * vRow;
  const s = rows();
  for (let i0: usize = it.causal && start > it.ahead ? (start - it.ahead) & ~1 : 0; i0 < it.T; i0 += 2) {
    const i1 = min(i0 + 1, it.T - 1);
    const count = maskedScores(it, keys, s, i0, i1, start, live);
    const isLast = start + KEYS >= (it.causal ? i1 + it.ahead + 1 : it.S);
    const kept0 = stats + (i0 << 3);
    const kept1 = stats + (i1 << 3);
    takeIn(s, kept0, kept1, count, start == 0);
    let alpha0: f32 = 1;
    let alpha1: f32 = 1;
    let beta0: f32 = start == 0 ? 0 : load<f32>(spare());
    let beta1: f32 = start == 0 ? 0 : load<f32>(spare(), 4);
    if (isLast) {
      alpha0 = inverse(kept0);
      alpha1 = i1 == i0 ? alpha0 : inverse(kept1);
      beta0 *= alpha0;
      beta1 *= alpha1;
    }
    twoRows(s, s + ROW, 4, from, vRow, y + i0 * yRow, y + i1 * yRow, E, count, alpha0, alpha1, beta0, beta1);
  }
}

/** Replaces the sum of exponentials by its inverse; a query that saw nothing keeps zeros. */
@inline
function inverse(kept: usize): f32 {
  const sum = load<f32>(kept, 4);
  const result: f32 = sum == 0 ? 0 : 1 / sum;
  if (sum == 0) store<f32>(kept, 0);
  store<f32>(kept, result, 4);
  return result;
}

/**
 * Makes exponentials of two rows of scores, with the largest of each so far and the sums in `kept`; by how much earlier sums
 * shrink is left in `spare`.
 */
function takeIn(s: usize, kept0: usize, kept1: usize, count: usize, isFirst: bool): void {
  const bytes = ((count + 3) & ~3) << 2;
  const before0: f32 = isFirst ? -Infinity : load<f32>(kept0);
  const before1: f32 = isFirst ? -Infinity : load<f32>(kept1);
  const sum0: f32 = isFirst ? 0 : load<f32>(kept0, 4);
  const sum1: f32 = isFirst ? 0 : load<f32>(kept1, 4);
  const now0 = max(before0, largest(s, bytes));
  const now1 = max(before1, largest(s + ROW, bytes));
  // Where nothing was seen yet, everything is −∞: any shift keeps it so.
  const shift0: f32 = now0 == -Infinity ? 0 : now0;
  const shift1: f32 = now1 == -Infinity ? 0 : now1;
  const v0 = f32x4.splat(shift0);
  const v1 = f32x4.splat(shift1);
  let total0 = f32x4.splat(0);
  let total1 = total0;
  for (let p: usize = 0; p < bytes; p += 16) {
    const e0 = expOrZero(f32x4.sub(v128.load(s + p), v0));
    const e1 = expOrZero(f32x4.sub(v128.load(s + p + ROW), v1));
    v128.store(s + p, e0);
    v128.store(s + p + ROW, e1);
    total0 = f32x4.add(total0, e0);
    total1 = f32x4.add(total1, e1);
  }
  const shrink0 = expOf(before0 - shift0);
  const shrink1 = expOf(before1 - shift1);
  store<f32>(spare(), shrink0);
  store<f32>(spare(), shrink1, 4);
  store<f32>(kept0, now0);
  store<f32>(kept1, now1);
  store<f32>(kept0, sum0 * shrink0 + horizontalSum(total0), 4);
  if (kept1 != kept0) store<f32>(kept1, sum1 * shrink1 + horizontalSum(total1), 4);
}

export function attentionGrad(
  q: usize, k: usize, v: usize, mask: usize, y: usize, stats: usize, g: usize,
  dq: usize, dk: usize, dv: usize, sizes: usize, scale: f32, first: usize, count: usize, cost: f64,
): void {
  const z = changetype<Sizes>(sizes);
  const Hk: usize = z.Hk;
  const group = <usize>z.H / Hk;
  for (let unit = first; unit < first + count; unit++) {
    const n = unit / Hk;
    const hk = unit % Hk;
    for (let start: usize = 0; start < <usize>z.S; start += SMALL) {
      for (let h = hk * group; h < (hk + 1) * group; h++) {
        const it = openHead(q, k, mask, sizes, scale, n, h);
        const kept = stats + (((n * <usize>z.H + h) * it.T) << 3);
        if (h == hk * group) openBlock(it, headOf(v, sizes, V, n, hk), sizes, start);
        gradOfBlock(
          it, headOf(y, sizes, Y, n, h), headOf(g, sizes, G, n, h), kept, headOf(dq, sizes, DQ, n, h),
          headOf(dk, sizes, DK, n, hk), headOf(dv, sizes, DV, n, hk), sizes, start, h == hk * group,
        );
      }
    }
  }
}

@inline
function valuePanels(width: usize): usize {
  return panels() + HEAD_BYTES + ((SMALL * width) << 2);
}

/** Brings keys and values of a block into panels. */
function openBlock(it: Head, v: usize, sizes: usize, start: usize): void {
  const live = min(SMALL, it.S - start);
  const vRow = rowOf(sizes, V);
  intoPanels(it.k + start * it.kRow, it.kRow, panels() + HEAD_BYTES, live, it.width);
  intoPanels(v + start * vRow, vRow, valuePanels(it.width), live, changetype<Sizes>(sizes).E);
}

/** What a block of keys and the queries of one head that see it give each other. */
function gradOfBlock(
  it: Head, y: usize, g: usize, stats: usize, dq: usize, dk: usize, dv: usize,
  sizes: usize, start: usize, isFirstHead: bool,
): void {
  const E: usize = changetype<Sizes>(sizes).E;
  const live = min(SMALL, it.S - start);
  const gRow = rowOf(sizes, G);
  const dkRow = rowOf(sizes, DK);
  const dvRow = rowOf(sizes, DV);
  const from: usize = it.causal && start > it.ahead ? start - it.ahead : 0;
  for (let i = from; i < it.T; i += SMALL) {
    const queries = min(SMALL, it.T - i);
    const beta: f32 = isFirstHead && i == from ? 0 : 1;
    weights(it, stats, i, queries, start, live);
    sumOfColumns(it, g + i * gRow, gRow, dv + start * dvRow, dvRow, E, i, queries, start, live, beta);
    slopes(it, y, g, dq, sizes, i, queries, start, live);
    sumOfColumns(it, it.q + i * it.qRow, it.qRow, dk + start * dkRow, dkRow, it.width, i, queries, start, live, beta);
  }
}

/** The weights of a block of queries and keys, as they were forward: a row for each query. */
function weights(it: Head, stats: usize, i: usize, queries: usize, start: usize, live: usize): void {
  for (let r: usize = 0; r < queries; r += 2) {
    const i0 = i + r;
    const i1 = min(i0 + 1, it.T - 1);
    const s = rows() + r * ROW;
    const bytes = ((maskedScores(it, panels() + HEAD_BYTES, s, i0, i1, start, live) + 3) & ~3) << 2;
    const top0 = v128.load32_splat(stats + (i0 << 3));
    const top1 = v128.load32_splat(stats + (i1 << 3));
    const factor0 = v128.load32_splat(stats + (i0 << 3), 4);
    const factor1 = v128.load32_splat(stats + (i1 << 3), 4);
    for (let p: usize = 0; p < bytes; p += 16) {
      v128.store(s + p, f32x4.mul(expOrZero(f32x4.sub(v128.load(s + p), top0)), factor0));
      v128.store(s + p + ROW, f32x4.mul(expOrZero(f32x4.sub(v128.load(s + p + ROW), top1)), factor1));
    }
  }
}

/** For every key of a block, the sum over queries of its column times their rows x: dv of weights and g, dk of slopes and q. */
function sumOfColumns(
  it: Head, x: usize, xRow: usize, to: usize, toRow: usize, width: usize,
  i: usize, queries: usize, start: usize, live: usize, beta: f32,
): void {
  for (let j: usize = 0; j < live; j += 2) {
    const key = start + j;
    // Queries before the key's own do not see it.
    const skipped = it.causal && key > i + it.ahead ? key - i - it.ahead : 0;
    if (skipped >= queries) break;
    const second: usize = j + 1 < live ? 1 : 0;
    const column = rows() + skipped * ROW + (j << 2);
    const c = to + j * toRow;
    twoRows(
      column, column + (second << 2), ROW, x + skipped * xRow, xRow, c, c + second * toRow,
      width, queries - skipped, 1, 1, beta, beta,
    );
  }
}

/** Turns weights into slopes of scores, p·(g·v − g·y)·scale, and adds up dq. */
function slopes(
  it: Head, y: usize, g: usize, dq: usize, sizes: usize, i: usize, queries: usize, start: usize, live: usize,
): void {
  const E: usize = changetype<Sizes>(sizes).E;
  const yRow = rowOf(sizes, Y);
  const gRow = rowOf(sizes, G);
  const dqRow = rowOf(sizes, DQ);
  const beta: f32 = start == 0 ? 0 : 1;
  const scale = f32x4.splat(it.scale);
  const t = spare();
  for (let r: usize = 0; r < queries; r += 2) {
    const i0 = i + r;
    const i1 = min(i0 + 1, it.T - 1);
    const s = rows() + r * ROW;
    const count = seen(it, i1, start, live);
    const g0 = g + i0 * gRow;
    const g1 = g + i1 * gRow;
    scores(g0, g1, valuePanels(it.width), t, count, E, 1);
    const delta0 = f32x4.splat(dot(g0, y + i0 * yRow, E));
    const delta1 = f32x4.splat(dot(g1, y + i1 * yRow, E));
    for (let p: usize = 0; p < count << 2; p += 16) {
      const slope0 = f32x4.mul(f32x4.sub(v128.load(t + p), delta0), scale);
      const slope1 = f32x4.mul(f32x4.sub(v128.load(t + p + ROW), delta1), scale);
      v128.store(s + p, f32x4.mul(v128.load(s + p), slope0));
      v128.store(s + p + ROW, f32x4.mul(v128.load(s + p + ROW), slope1));
    }
    const k = it.k + start * it.kRow;
    twoRows(s, s + ROW, 4, k, it.kRow, dq + i0 * dqRow, dq + i1 * dqRow, it.width, count, 1, 1, beta, beta);
  }
}
