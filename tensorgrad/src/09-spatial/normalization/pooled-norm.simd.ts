import { loadLanes, storeLanes } from "../../00-runtime/simd/lanes.simd";
import { madd, msub } from "../../00-runtime/simd/madd.simd";
import { BLOCK } from "../../00-runtime/simd/rows.simd";
import { scratch } from "../../00-runtime/simd/scratch.simd";
import { wins } from "../pooling/pairs.simd";
import { endOf, startOf } from "../pooling/windows.simd";
import { centred, ROW, scales, slopes, through } from "./channels.simd";

// Channels lie side by side, at most WIDTH of them are worked on at a time: first of all in scratch stand w/√(variance + ε)
// of them.

export function poolNorm(
  x: usize, y: usize, index: usize, rows: usize, cols: usize, count: usize, channels: usize,
  height: usize, width: usize, outHeight: usize, outWidth: usize,
  w: usize, b: usize, shift: usize, rest: usize, variance: usize, eps: f32,
): void {
  const pixel = channels << 2;
  for (let first: usize = 0; first < pixel; first += ROW) {
    const bytes = min(ROW, pixel - first);
    scales(variance + first, w + first, bytes >> 2, eps, scratch);
    const bias = b + first;
    const middle = shift + first;
    const above = rest + first;
    let image = x + first;
    let to = first;
    for (let n: usize = 0; n < count; n++, image += height * width * pixel) {
      for (let i: usize = 0; i < outHeight; i++) {
        const tall = endOf(rows, i) - startOf(rows, i);
        for (let j: usize = 0; j < outWidth; j++, to += pixel) {
          const wide = endOf(cols, j) - startOf(cols, j);
          const position = startOf(rows, i) * width + startOf(cols, j);
          const from = image + position * pixel;
          const pairs = tall == 2 && wide == 2;
          const done = pairs ? bytes & ~15 : 0;
          if (pairs) poolFour(from, y + to, index + to, bias, middle, above, done, pixel, width, position);
          if (done < bytes) {
            poolAny(from, y + to, index + to, bias, middle, above, done, bytes, pixel, width, position, tall, wide);
          }
        }
      }
    }
  }
}

/** max((x − mean)·scale + bias, 0) */
@inline
function positive(x: usize, middle: v128, above: v128, scale: v128, bias: v128): v128 {
  return f32x4.max(madd(centred(v128.load(x), middle, above), scale, bias), f32x4.splat(0));
}

/** Windows of 2×2, as a tournament: the winners of both rows meet. */
@inline
function poolFour(
  x: usize, y: usize, index: usize, b: usize, shift: usize, rest: usize,
  bytes: usize, pixel: usize, width: usize, position: usize,
): void {
  const first = i32x4.splat(<i32>position);
  const third = i32x4.splat(<i32>(position + width));
  const below = x + width * pixel;
  for (let c: usize = 0; c < bytes; c += 16) {
    const middle = v128.load(shift + c);
    const above = v128.load(rest + c);
    const scale = v128.load(scratch + c);
    const bias = v128.load(b + c);
    const p = positive(x + c, middle, above, scale, bias);
    const q = positive(x + pixel + c, middle, above, scale, bias);
    const r = positive(below + c, middle, above, scale, bias);
    const s = positive(below + pixel + c, middle, above, scale, bias);
    const right = wins(q, p);
    const rightBelow = wins(s, r);
    const top = v128.bitselect(q, p, right);
    const bottom = v128.bitselect(s, r, rightBelow);
    const lower = wins(bottom, top);
    v128.store(y + c, v128.bitselect(bottom, top, lower));
    // A mask is −1 where it holds.
    const at = v128.bitselect(i32x4.sub(third, rightBelow), i32x4.sub(first, right), lower);
    v128.store(index + c, at);
  }
}

/** Any window, from channel byte `c` on. */
function poolAny(
  x: usize, y: usize, index: usize, b: usize, shift: usize, rest: usize, c: usize,
  bytes: usize, pixel: usize, width: usize, position: usize, tall: usize, wide: usize,
): void {
  for (; c < bytes; c += 16) {
    const lanes = min<usize>((bytes - c) >> 2, 4);
    const middle = loadLanes(shift + c, lanes);
    const above = loadLanes(rest + c, lanes);
    const bias = loadLanes(b + c, lanes);
    const scale = v128.load(scratch + c);
    let best = f32x4.splat(-Infinity);
    let at = i32x4.splat(<i32>position);
    for (let h: usize = 0; h < tall; h++) {
      for (let k: usize = 0; k < wide; k++) {
        const tap = h * width + k;
        const z = madd(centred(loadLanes(x + tap * pixel + c, lanes), middle, above), scale, bias);
        const value = f32x4.max(z, f32x4.splat(0));
        const won = wins(value, best);
        best = v128.bitselect(value, best, won);
        at = v128.bitselect(i32x4.splat(<i32>(position + tap)), at, won);
      }
    }
    storeLanes(y + c, best, lanes);
    storeLanes(index + c, at, lanes);
  }
}

/** Of the block at hand: Σ g and Σ g·(x − mean); then of all blocks so far, in double precision. */
const SUMS = scratch + ROW;
const DOTS = scratch + 2 * ROW;
const ALL_SUMS = scratch + 3 * ROW;
const ALL_DOTS = scratch + 5 * ROW;

export function poolNormSums(
  x: usize, g: usize, index: usize, w: usize, b: usize, shift: usize, rest: usize, variance: usize,
  dw: usize, db: usize, count: usize, channels: usize, inputs: usize, outputs: usize, step: usize, eps: f32,
): void {
  const pixel = step << 2;
  for (let first: usize = 0; first < channels << 2; first += ROW) {
    const bytes = min(ROW, (channels << 2) - first);
    scales(variance + first, w + first, bytes >> 2, eps, scratch);
    memory.fill(ALL_SUMS, 0, 4 * ROW);
    for (let n: usize = 0; n < count; n++) {
      for (let done: usize = 0; done < outputs; done += BLOCK) {
        memory.fill(SUMS, 0, 2 * ROW);
        const end = min(done + BLOCK, outputs);
        const own = first + n * inputs * pixel;
        for (let o = n * outputs + done; o < n * outputs + end; o++) {
          const at = first + o * pixel;
          addWinners(x + own, g + at, index + at, b + first, shift + first, rest + first, bytes, pixel);
        }
        for (let c: usize = 0; c < bytes; c += 4) {
          store<f64>(ALL_SUMS + 2 * c, load<f64>(ALL_SUMS + 2 * c) + <f64>load<f32>(SUMS + c));
          store<f64>(ALL_DOTS + 2 * c, load<f64>(ALL_DOTS + 2 * c) + <f64>load<f32>(DOTS + c));
        }
      }
    }
    for (let c: usize = 0; c < bytes; c += 4) {
      const scale = 1 / Math.sqrt(<f64>load<f32>(variance + first + c) + <f64>eps);
      store<f32>(db + first + c, <f32>load<f64>(ALL_SUMS + 2 * c));
      store<f32>(dw + first + c, <f32>(load<f64>(ALL_DOTS + 2 * c) * scale));
    }
  }
}

/** What the winners of one window add to the sums. */
@inline
function addWinners(
  x: usize, g: usize, index: usize, b: usize, shift: usize, rest: usize, bytes: usize, pixel: usize,
): void {
  for (let c: usize = 0; c < bytes; c += 16) {
    const lanes = min<usize>((bytes - c) >> 2, 4);
    let winners = v128.load32_zero(x + <usize>load<i32>(index + c) * pixel + c);
    if (lanes > 1) winners = v128.load_lane<f32>(x + <usize>load<i32>(index + c, 4) * pixel + c, winners, 1, 4);
    if (lanes > 2) winners = v128.load_lane<f32>(x + <usize>load<i32>(index + c, 8) * pixel + c, winners, 2, 8);
    if (lanes > 3) winners = v128.load_lane<f32>(x + <usize>load<i32>(index + c, 12) * pixel + c, winners, 3, 12);
    const distance = centred(winners, loadLanes(shift + c, lanes), loadLanes(rest + c, lanes));
    const given = through(loadLanes(g + c, lanes), distance, v128.load(scratch + c), loadLanes(b + c, lanes), 1);
    v128.store(SUMS + c, f32x4.add(v128.load(SUMS + c), given));
    v128.store(DOTS + c, madd(given, distance, v128.load(DOTS + c)));
  }
}

/** What a channel's sums take from every gradient: a constant, and a slope in x − mean. */
const CONSTANTS = scratch + ROW;
const SLOPES = scratch + 2 * ROW;

export function poolNormGrad(
  x: usize, g: usize, index: usize, dx: usize, rows: usize, cols: usize, count: usize, channels: usize,
  height: usize, width: usize, outHeight: usize, outWidth: usize,
  w: usize, b: usize, shift: usize, rest: usize, variance: usize, dw: usize, db: usize, eps: f32, total: f32,
): void {
  const pixel = channels << 2;
  for (let first: usize = 0; first < pixel; first += ROW) {
    const bytes = min(ROW, pixel - first);
    scales(variance + first, w + first, bytes >> 2, eps, scratch);
    slopes(variance + first, dw + first, db + first, bytes >> 2, eps, total, CONSTANTS, SLOPES);
    const bias = b + first;
    const middle = shift + first;
    const above = rest + first;
    let image = first;
    let from = first;
    for (let n: usize = 0; n < count; n++, image += height * width * pixel) {
      for (let i: usize = 0; i < outHeight; i++) {
        const tall = endOf(rows, i) - startOf(rows, i);
        for (let j: usize = 0; j < outWidth; j++, from += pixel) {
          const wide = endOf(cols, j) - startOf(cols, j);
          const position = startOf(rows, i) * width + startOf(cols, j);
          const at = image + position * pixel;
          const pairs = tall == 2 && wide == 2;
          const done = pairs ? bytes & ~15 : 0;
          if (pairs) {
            gradOfFour(x + at, g + from, index + from, bias, middle, above, dx + at, done, pixel, width, position);
          }
          for (let h: usize = 0; h < tall && done < bytes; h++) {
            for (let k: usize = 0; k < wide; k++) {
              const tap = h * width + k;
              const here = i32x4.splat(<i32>(position + tap));
              const to = at + tap * pixel;
              gradOfPixel(x + to, g + from, index + from, bias, middle, above, dx + to, done, bytes, here);
            }
          }
        }
      }
    }
  }
}

/** Windows of 2×2: what belongs to a channel is loaded once for all four pixels. */
@inline
function gradOfFour(
  x: usize, g: usize, index: usize, b: usize, shift: usize, rest: usize, dx: usize,
  bytes: usize, pixel: usize, width: usize, position: usize,
): void {
  const line = width * pixel;
  for (let c: usize = 0; c < bytes; c += 16) {
    const scale = v128.load(scratch + c);
    const bias = v128.load(b + c);
    const middle = v128.load(shift + c);
    const above = v128.load(rest + c);
    const constant = v128.load(CONSTANTS + c);
    const slope = v128.load(SLOPES + c);
    const given = v128.load(g + c);
    // Which of the four: 0, 1, width, width + 1 behind the first.
    const at = i32x4.sub(v128.load(index + c), i32x4.splat(<i32>position));
    for (let k: usize = 0; k < 4; k++) {
      const tap = (k >> 1) * width + (k & 1);
      const to = c + (k >> 1) * line + (k & 1) * pixel;
      const distance = centred(v128.load(x + to), middle, above);
      const own = v128.and(given, i32x4.eq(at, i32x4.splat(<i32>tap)));
      const level = f32x4.sub(through(own, distance, scale, bias, 1), constant);
      v128.store(dx + to, f32x4.mul(scale, msub(distance, slope, level)));
    }
  }
}

/** One pixel, from channel byte `c` on. */
function gradOfPixel(
  x: usize, g: usize, index: usize, b: usize, shift: usize, rest: usize, dx: usize,
  c: usize, bytes: usize, here: v128,
): void {
  for (; c < bytes; c += 16) {
    const lanes = min<usize>((bytes - c) >> 2, 4);
    const scale = v128.load(scratch + c);
    const distance = centred(loadLanes(x + c, lanes), loadLanes(shift + c, lanes), loadLanes(rest + c, lanes));
    const own = v128.and(loadLanes(g + c, lanes), i32x4.eq(loadLanes(index + c, lanes), here));
    const given = through(own, distance, scale, loadLanes(b + c, lanes), 1);
    const level = f32x4.sub(given, v128.load(CONSTANTS + c));
    storeLanes(dx + c, f32x4.mul(scale, msub(distance, v128.load(SLOPES + c), level)), lanes);
  }
}
