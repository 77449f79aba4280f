import { loadLanes, storeLanes } from "../../00-runtime/simd/lanes.simd";
import { madd, msub } from "../../00-runtime/simd/madd.simd";
import { BLOCK } from "../../00-runtime/simd/rows.simd";
import { scratch } from "../../00-runtime/simd/scratch.simd";
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
    let image = x + first;
    let to = first;
    for (let n: usize = 0; n < count; n++, image += height * width * pixel) {
      for (let i: usize = 0; i < outHeight; i++) {
        for (let j: usize = 0; j < outWidth; j++, to += pixel) {
          const top = startOf(rows, i);
          const left = startOf(cols, j);
          for (let c: usize = 0; c < bytes; c += 16) {
            const lanes = min<usize>((bytes - c) >> 2, 4);
            const middle = loadLanes(shift + first + c, lanes);
            const above = loadLanes(rest + first + c, lanes);
            const bias = loadLanes(b + first + c, lanes);
            const scale = v128.load(scratch + c);
            let best = f32x4.splat(-Infinity);
            let at = i32x4.splat(<i32>(top * width + left));
            for (let h = top; h < endOf(rows, i); h++) {
              let position = h * width + left;
              let from = image + position * pixel + c;
              for (const end = h * width + endOf(cols, j); position < end; position++, from += pixel) {
                const z = madd(centred(loadLanes(from, lanes), middle, above), scale, bias);
                const value = f32x4.max(z, f32x4.splat(0));
                const won = v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
                best = v128.bitselect(value, best, won);
                at = v128.bitselect(i32x4.splat(<i32>position), at, won);
              }
            }
            storeLanes(y + to + c, best, lanes);
            storeLanes(index + to + c, at, lanes);
          }
        }
      }
    }
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
    let image = first;
    let from = first;
    for (let n: usize = 0; n < count; n++, image += height * width * pixel) {
      for (let i: usize = 0; i < outHeight; i++) {
        for (let j: usize = 0; j < outWidth; j++, from += pixel) {
          for (let h = startOf(rows, i); h < endOf(rows, i); h++) {
            for (let k = startOf(cols, j); k < endOf(cols, j); k++) {
              const at = image + (h * width + k) * pixel;
              const own = first;
              const position = i32x4.splat(<i32>(h * width + k));
              gradOfPixel(x + at, g + from, index + from, b + own, shift + own, rest + own, dx + at, bytes, position);
            }
          }
        }
      }
    }
  }
}

@inline
function gradOfPixel(
  x: usize, g: usize, index: usize, b: usize, shift: usize, rest: usize, dx: usize, bytes: usize, position: v128,
): void {
  for (let c: usize = 0; c < bytes; c += 16) {
    const lanes = min<usize>((bytes - c) >> 2, 4);
    const scale = v128.load(scratch + c);
    const distance = centred(loadLanes(x + c, lanes), loadLanes(shift + c, lanes), loadLanes(rest + c, lanes));
    const own = v128.and(loadLanes(g + c, lanes), i32x4.eq(loadLanes(index + c, lanes), position));
    const given = through(own, distance, scale, loadLanes(b + c, lanes), 1);
    const level = f32x4.sub(given, v128.load(CONSTANTS + c));
    storeLanes(dx + c, f32x4.mul(scale, msub(distance, v128.load(SLOPES + c), level)), lanes);
  }
}
