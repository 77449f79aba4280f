// Convolution with one filter per channel; see depthwise.reference.ts. Channels go in fours, the last ones maybe fewer.

import { loadLanes, storeLanes } from "../../00-runtime/simd/lanes.simd";
import { madd } from "../../00-runtime/simd/madd.simd";
import { repeatRun } from "./region.simd";

/** As the reference takes them, one after the other. */
@unmanaged
class Sizes {
  N: i32;
  H: i32;
  W: i32;
  C: i32;
  outH: i32;
  outW: i32;
  K: i32;
  L: i32;
  strideH: i32;
  strideW: i32;
  top: i32;
  left: i32;
  dilationH: i32;
  dilationW: i32;
}

/** The first tap along a dim that lies inside of the image, where tap 0 lies at `start`. */
@inline
function firstTap(start: i32, dilation: i32): i32 {
  return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}

/** The tap after the last one inside. */
@inline
function endOfTaps(start: i32, dilation: i32, taps: i32, size: i32): i32 {
  return start >= size ? 0 : min(taps, (size - 1 - start) / dilation + 1);
}

@inline
const VECTOR: usize = 16;

// The number of lanes, n, is a constant where channels are whole fours: a question about it at every tap takes as long as the tap.

/** d = b + Σ x·f over the taps inside of the image, from the first of them on. */
@inline
function sumOfTaps(
  x: usize, f: usize, b: usize, d: usize, rows: i32, cols: i32, stepK: usize, stepL: usize, filterLine: usize, pixel: usize, n: usize,
): void {
  let sum = loadLanes(b, n);
  for (; rows > 0; rows--, x += stepK, f += filterLine) {
    let p = x;
    let q = f;
    for (let l = cols; l > 0; l--, p += stepL, q += pixel) sum = madd(loadLanes(p, n), loadLanes(q, n), sum);
  }
  storeLanes(d, sum, n);
}

/** The reverse: adds g·f to what these taps saw. */
@inline
function addToTaps(
  dx: usize, f: usize, g: usize, rows: i32, cols: i32, stepK: usize, stepL: usize, filterLine: usize, pixel: usize, n: usize,
): void {
  const gradient = loadLanes(g, n);
  for (; rows > 0; rows--, dx += stepK, f += filterLine) {
    let p = dx;
    let q = f;
    for (let l = cols; l > 0; l--, p += stepL, q += pixel) storeLanes(p, madd(gradient, loadLanes(q, n), loadLanes(p, n)), n);
  }
}

export function depthwiseImages(
  x: usize, w: usize, b: usize, y: usize, sizes: usize, first: i32, count: i32, cost: f32, base: f64,
): void {
  const z = changetype<Sizes>(sizes);
  const pixel: usize = <usize>z.C << 2;
  const whole = pixel & ~15;
  const filterLine = <usize>z.L * pixel;
  const stepK = <usize>(z.dilationH * z.W) * pixel;
  const stepL = <usize>z.dilationW * pixel;
  for (let line = first; line < first + count; line++) {
    const top = (line % z.outH) * z.strideH - z.top;
    const image = x + <usize>((line / z.outH) * z.H * z.W) * pixel;
    const k0 = firstTap(top, z.dilationH);
    const k1 = endOfTaps(top, z.dilationH, z.K, z.H);
    for (let j = 0; j < z.outW; j++) {
      const left = j * z.strideW - z.left;
      const l0 = firstTap(left, z.dilationW);
      const l1 = endOfTaps(left, z.dilationW, z.L, z.W);
      const start = image + <usize>((top + k0 * z.dilationH) * z.W + left + l0 * z.dilationW) * pixel;
      const d = y + <usize>(line * z.outW + j) * pixel;
      const f = w + <usize>(k0 * z.L + l0) * pixel;
      let c: usize = 0;
      for (; c < whole; c += VECTOR) sumOfTaps(start + c, f + c, b + c, d + c, k1 - k0, l1 - l0, stepK, stepL, filterLine, pixel, 4);
      if (c < pixel) sumOfTaps(start + c, f + c, b + c, d + c, k1 - k0, l1 - l0, stepK, stepL, filterLine, pixel, (pixel - c) >> 2);
    }
  }
}

export function depthwiseTransposed(
  g: usize, w: usize, b: usize, dx: usize, sizes: usize, first: i32, count: i32, cost: f32, base: f64,
): void {
  const z = changetype<Sizes>(sizes);
  const pixel: usize = <usize>z.C << 2;
  const whole = pixel & ~15;
  const filterLine = <usize>z.L * pixel;
  const stepK = <usize>(z.dilationH * z.W) * pixel;
  const stepL = <usize>z.dilationW * pixel;
  repeatRun(dx + <usize>(first * z.H * z.W) * pixel, b, pixel, count * z.H * z.W);
  for (let line = first * z.outH; line < (first + count) * z.outH; line++) {
    const top = (line % z.outH) * z.strideH - z.top;
    const image = dx + <usize>((line / z.outH) * z.H * z.W) * pixel;
    const k0 = firstTap(top, z.dilationH);
    const k1 = endOfTaps(top, z.dilationH, z.K, z.H);
    for (let j = 0; j < z.outW; j++) {
      const left = j * z.strideW - z.left;
      const l0 = firstTap(left, z.dilationW);
      const l1 = endOfTaps(left, z.dilationW, z.L, z.W);
      const start = image + <usize>((top + k0 * z.dilationH) * z.W + left + l0 * z.dilationW) * pixel;
      const s = g + <usize>(line * z.outW + j) * pixel;
      const f = w + <usize>(k0 * z.L + l0) * pixel;
      let c: usize = 0;
      for (; c < whole; c += VECTOR) addToTaps(start + c, f + c, s + c, k1 - k0, l1 - l0, stepK, stepL, filterLine, pixel, 4);
      if (c < pixel) addToTaps(start + c, f + c, s + c, k1 - k0, l1 - l0, stepK, stepL, filterLine, pixel, (pixel - c) >> 2);
    }
  }
}

export function depthwiseSums(
  x: usize, g: usize, sums: usize, sizes: usize, slots: i32, first: i32, count: i32, cost: f32, base: f64,
): void {
  const z = changetype<Sizes>(sizes);
  const C: usize = z.C;
  const pixel = C << 2;
  const lines = z.N * z.outH;
  for (let slot = first; slot < first + count; slot++) {
    const into = sums + <usize>(slot * z.K * z.L) * pixel;
    memory.fill(into, 0, <usize>(z.K * z.L) * pixel);
    for (let line = (slot * lines) / slots; line < ((slot + 1) * lines) / slots; line++) {
      const top = (line % z.outH) * z.strideH - z.top;
      const image = x + <usize>((line / z.outH) * z.H * z.W) * pixel;
      const k1 = endOfTaps(top, z.dilationH, z.K, z.H);
      for (let k = firstTap(top, z.dilationH); k < k1; k++) {
        const row = image + <usize>((top + k * z.dilationH) * z.W) * pixel;
        for (let l = 0; l < z.L; l++) {
          sumOfLine(row, g + <usize>(line * z.outW) * pixel, into + <usize>(k * z.L + l) * pixel, z, l);
        }
      }
    }
  }
}

/** sums[c] += Σ x[pixel behind tap l of output j, c] · g[j, c] over a line. */
function sumOfLine(row: usize, g: usize, sums: usize, z: Sizes, l: i32): void {
  const pixel: usize = <usize>z.C << 2;
  const left = l * z.dilationW - z.left;
  const start = firstTap(left, z.strideW);
  const end = endOfTaps(left, z.strideW, z.outW, z.W);
  const step = <usize>z.strideW * pixel;
  const p = row + <usize>(start * z.strideW + left) * pixel;
  const q = g + <usize>start * pixel;
  let c: usize = 0;
  for (; c + VECTOR <= pixel; c += VECTOR) sumOfPixels(p + c, q + c, sums + c, end - start, step, pixel, 4);
  if (c < pixel) sumOfPixels(p + c, q + c, sums + c, end - start, step, pixel, (pixel - c) >> 2);
}

@inline
function sumOfPixels(p: usize, q: usize, to: usize, count: i32, step: usize, pixel: usize, n: usize): void {
  let sum = loadLanes(to, n);
  for (; count > 0; count--, p += step, q += pixel) sum = madd(loadLanes(p, n), loadLanes(q, n), sum);
  storeLanes(to, sum, n);
}
