// Convolution as matrix products of lowered pieces; see lowered.reference.ts.

import { PRODUCT_BYTES, scratch } from "../../00-runtime/simd/scratch.simd";
import { product, productOfColumns, productOfTransposed } from "../../01-tensor/ops/products/product.simd";
import { maxOfFour, spreadRegion } from "../pooling/pairs.simd";
import { addRun, copyRun, repeatRun, zeroRun } from "./region.simd";

/** As the reference takes them, one after the other. */
@unmanaged
class Sizes {
  N: i32;
  H: i32;
  W: i32;
  C: i32;
  outH: i32;
  outW: i32;
  O: i32;
  K: i32;
  L: i32;
  strideH: i32;
  strideW: i32;
  top: i32;
  left: i32;
  dilationH: i32;
  dilationW: i32;
  groups: i32;
  piece: i32;
  slots: i32;
  planes: i32;
  pool: i32;
}

// Values of `pool`: what is pooled by windows of 2×2. Only where images lie channel by channel; pieces are pairs of lines.
@inline
const RESULTS: i32 = 1;
@inline
const GRADIENTS: i32 = 2;

/** The lowered piece. A BLAS packs elsewhere: then all of scratch is there for it. */
@inline
function rows(base: f64): usize {
  return base == 0 ? scratch + PRODUCT_BYTES : scratch;
}

/** Filters of one pixel that move by one: the images are lowered already. */
@inline
function isPointwise(z: Sizes): bool {
  return (
    z.K == 1 && z.L == 1 && z.strideH == 1 && z.strideW == 1 && z.top == 0 && z.left == 0 &&
    z.H == z.outH && z.W == z.outW && !z.planes
  );
}

/** What the filters of a group see at outputs `from` to `to`: a row for each. */
function lower(x: usize, d: usize, z: Sizes, group: i32, from: i32, to: i32): void {
  const inputs = z.C / z.groups;
  const run: usize = <usize>inputs << 2;
  const pixel: usize = <usize>z.C << 2;
  const adjacent = z.dilationW == 1 && z.groups == 1; // the taps of a line lie side by side
  const line = <usize>z.L * run;
  for (let p = from; p < to; p++) {
    const n = p / (z.outH * z.outW);
    const top = ((p / z.outW) % z.outH) * z.strideH - z.top;
    const left = (p % z.outW) * z.strideW - z.left;
    const image = x + <usize>(n * z.H * z.W) * pixel + <usize>(group * inputs << 2);
    const whole = adjacent && left >= 0 && left + z.L <= z.W;
    for (let k = 0; k < z.K; k++, d += line) {
      const h = top + k * z.dilationH;
      if (h < 0 || h >= z.H) {
        zeroRun(d, line);
        continue;
      }
      const s = image + <usize>(h * z.W) * pixel;
      if (whole) {
        copyRun(d, s + <usize>left * pixel, line);
        continue;
      }
      for (let l = 0; l < z.L; l++) {
        const v = left + l * z.dilationW;
        if (v < 0 || v >= z.W) zeroRun(d + <usize>l * run, run);
        else copyRun(d + <usize>l * run, s + <usize>v * pixel, run);
      }
    }
  }
}

/**
 * The same for images that lie channel by channel, as columns: a line of outputs sees a line of pixels through every tap. The
 * outputs are whole lines.
 */
function lowerPlanes(x: usize, d: usize, z: Sizes, from: i32, to: i32): void {
  const width = <usize>z.outW << 2;
  const lines = (to - from) / z.outW;
  const firstLine = from / z.outW;
  const plane = z.H * z.W;
  for (let k = 0; k < z.K; k++) {
    for (let l = 0; l < z.L; l++) {
      const left = l * z.dilationW - z.left;
      // Outputs whose pixel lies inside of the line: from `start` on, before `end`.
      const start = min(z.outW, left >= 0 ? 0 : (-left + z.strideW - 1) / z.strideW);
      const end = max(start, min(z.outW, z.W - left <= 0 ? 0 : (z.W - left - 1) / z.strideW + 1));
      for (let c = 0; c < z.C; c++) {
        let n = firstLine / z.outH;
        let row = firstLine % z.outH;
        for (let i = 0; i < lines; i++, row++, d += width) {
          if (row == z.outH) {
            row = 0;
            n++;
          }
          const h = row * z.strideH + k * z.dilationH - z.top;
          if (h < 0 || h >= z.H) {
            zeroRun(d, width);
            continue;
          }
          let s = x + (<usize>((n * z.C + c) * plane + h * z.W + start * z.strideW + left) << 2);
          zeroRun(d, <usize>start << 2);
          zeroRun(d + (<usize>end << 2), <usize>(z.outW - end) << 2);
          if (z.strideW == 1) copyRun(d + (<usize>start << 2), s, <usize>(end - start) << 2);
          else for (let j = start; j < end; j++, s += <usize>z.strideW << 2) store<f32>(d + (<usize>j << 2), load<f32>(s));
        }
      }
    }
  }
}

/** Behind the lowered piece: its results, or their gradients, before they are pooled. */
@inline
function unpooled(z: Sizes, base: f64): usize {
  return rows(base) + ((<usize>(z.piece * z.K * z.L * z.C) << 2) + 63 & ~63);
}

/** The largest of every 2×2 of outputs `from` to `to`, which are whole pairs of lines. */
function poolLines(s: usize, y: usize, index: usize, z: Sizes, from: i32, to: i32): void {
  const run = <usize>z.O << 2;
  const line = <usize>z.outW * run;
  let d = <usize>(from >> 2) * run;
  for (let p = from; p < to; p += 2 * z.outW) {
    const position = p % (z.outH * z.outW);
    for (let j = 0; j < z.outW; j += 2, d += run) {
      const at = s + <usize>(p - from + j) * run;
      maxOfFour(at, y + d, index + d, run, line, position + j, z.outW);
    }
  }
}

/** The gradients of outputs `from` to `to` from those of their windows. */
function spreadLines(g: usize, index: usize, d: usize, z: Sizes, from: i32, to: i32): void {
  const run = <usize>z.O << 2;
  for (let line = from / z.outW; line < to / z.outW; line++, d += <usize>z.outW * run) {
    const image = <usize>((line / z.outH) * (z.outH >> 1) * (z.outW >> 1)) * run;
    spreadRegion(g + image, index + image, d, line % z.outH, 1, 0, z.outW, z.outH, z.outW, run);
  }
}

/** Adds rows to the pixels that they were, or would be, taken from. */
function raise(s: usize, x: usize, z: Sizes, group: i32, from: i32, to: i32): void {
  const inputs = z.C / z.groups;
  const run: usize = <usize>inputs << 2;
  const pixel: usize = <usize>z.C << 2;
  for (let p = from; p < to; p++) {
    const n = p / (z.outH * z.outW);
    const top = ((p / z.outW) % z.outH) * z.strideH - z.top;
    const left = (p % z.outW) * z.strideW - z.left;
    const image = x + <usize>(n * z.H * z.W) * pixel + <usize>(group * inputs << 2);
    for (let k = 0; k < z.K; k++) {
      const h = top + k * z.dilationH;
      const isInside = h >= 0 && h < z.H;
      for (let l = 0; l < z.L; l++, s += run) {
        const v = left + l * z.dilationW;
        if (isInside && v >= 0 && v < z.W) addRun(image + <usize>(h * z.W + v) * pixel, s, run);
      }
    }
  }
}

export function loweredImages(
  x: usize, filters: usize, b: usize, y: usize, index: usize, sizes: usize,
  first: i32, count: i32, cost: f32, base: f64,
): void {
  const z = changetype<Sizes>(sizes);
  const O: usize = z.O;
  const C: usize = z.C;
  const pixels = z.N * z.outH * z.outW;
  const depth: usize = z.K * z.L * (z.C / z.groups);
  const outputs: usize = z.O / z.groups;
  for (let piece = first; piece < first + count; piece++) {
    const from = piece * z.piece;
    const to = min(pixels, from + z.piece);
    const n: usize = to - from;
    const into = z.pool == RESULTS ? unpooled(z, base) : y + ((<usize>from * O) << 2);
    repeatRun(into, b, O << 2, n);
    for (let g = 0; g < z.groups; g++) {
      const f = filters + ((<usize>g * depth * outputs) << 2);
      const c = into + ((<usize>g * outputs) << 2);
      if (z.planes) {
        lowerPlanes(x, rows(base), z, from, to);
        productOfColumns(rows(base), n, f, outputs, c, O, n, outputs, depth, 1, base);
      } else if (isPointwise(z)) {
        const a = x + ((<usize>from * C + <usize>g * depth) << 2);
        product(a, C, f, outputs, c, O, n, outputs, depth, 1, base);
      } else {
        lower(x, rows(base), z, g, from, to);
        product(rows(base), depth, f, outputs, c, O, n, outputs, depth, 1, base);
      }
    }
    if (z.pool == RESULTS) poolLines(into, y, index, z, from, to);
  }
}

export function loweredTransposed(
  g: usize, filters: usize, b: usize, dx: usize, sizes: usize, first: i32, count: i32, cost: f32, base: f64,
): void {
  const z = changetype<Sizes>(sizes);
  const O: usize = z.O;
  const C: usize = z.C;
  const pixels = z.outH * z.outW;
  const depth: usize = z.K * z.L * (z.C / z.groups);
  const outputs: usize = z.O / z.groups;
  for (let image = first; image < first + count; image++) {
    repeatRun(dx + ((<usize>(image * z.H * z.W) * C) << 2), b, C << 2, z.H * z.W);
    for (let from = image * pixels; from < (image + 1) * pixels; from += z.piece) {
      const to = min(from + z.piece, (image + 1) * pixels);
      const n: usize = to - from;
      for (let group = 0; group < z.groups; group++) {
        const f = filters + ((<usize>group * depth * outputs) << 2);
        const a = g + ((<usize>from * O + <usize>group * outputs) << 2);
        if (isPointwise(z)) {
          const c = dx + ((<usize>from * C + <usize>group * depth) << 2);
          productOfTransposed(a, O, f, outputs, c, C, n, depth, outputs, 1, base);
        } else {
          productOfTransposed(a, O, f, outputs, rows(base), depth, n, depth, outputs, 0, base);
          raise(rows(base), dx, z, group, from, to);
        }
      }
    }
  }
}

export function loweredSums(
  x: usize, g: usize, index: usize, sums: usize, sizes: usize,
  first: i32, count: i32, cost: f32, base: f64,
): void {
  const z = changetype<Sizes>(sizes);
  const O: usize = z.O;
  const C: usize = z.C;
  const pixels = z.N * z.outH * z.outW;
  const pieces = (pixels + z.piece - 1) / z.piece;
  const depth: usize = z.K * z.L * (z.C / z.groups);
  const outputs: usize = z.O / z.groups;
  for (let slot = first; slot < first + count; slot++) {
    const start = (slot * pieces) / z.slots;
    const end = ((slot + 1) * pieces) / z.slots;
    const into = sums + ((<usize>slot * depth * O) << 2);
    if (start == end) memory.fill(into, 0, (depth * O) << 2);
    for (let piece = start; piece < end; piece++) {
      const from = piece * z.piece;
      const to = min(pixels, from + z.piece);
      const n: usize = to - from;
      const keep: f32 = piece == start ? 0 : 1;
      if (z.pool == GRADIENTS) spreadLines(g, index, unpooled(z, base), z, from, to);
      const own = z.pool == GRADIENTS ? unpooled(z, base) : g + ((<usize>from * O) << 2);
      for (let group = 0; group < z.groups; group++) {
        const b = own + ((<usize>group * outputs) << 2);
        const c = into + ((<usize>group * depth * outputs) << 2);
        if (z.planes) {
          lowerPlanes(x, rows(base), z, from, to);
          product(rows(base), n, b, O, c, outputs, depth, outputs, n, keep, base);
        } else if (isPointwise(z)) {
          const a = x + ((<usize>from * C + <usize>group * depth) << 2);
          productOfColumns(a, C, b, O, c, outputs, depth, outputs, n, keep, base);
        } else {
          lower(x, rows(base), z, group, from, to);
          productOfColumns(rows(base), depth, b, O, c, outputs, depth, outputs, n, keep, base);
        }
      }
    }
  }
}
