// Convolution with 3×3 filters by Winograd's products, in pieces: some tiles are transformed, multiplied plane by plane and
// transformed back while they lie in the second-level cache. See winograd.reference.ts for what is computed; here channels
// come in fours.

import { gatherLanes } from "../../00-runtime/simd/lanes.simd";
import { PANEL } from "../../00-runtime/simd/scratch.simd";
import { product, productOfCachedColumns, productOfPanels } from "../../01-tensor/ops/products/product.simd";
import { maxOfFour, spreadRegion } from "../pooling/pairs.simd";
import { copyRegion, copyRun } from "./region.simd";
import {
  after, filterPlanes, filterTaps, gradientPlanes, imagePlanes, region, resultTile, VECTOR,
} from "./winograd-tiles.simd";

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
  top: i32;
  left: i32;
  tile: i32;
  piece: i32;
  slots: i32;
  pool: i32;
}

// Values of `pool`: what is pooled by windows of 2×2.
@inline
const RESULTS: i32 = 1;
@inline
const GRADIENTS: i32 = 2;

@inline
const APART: usize = 192;

/** The own kernel multiplies with panels of 16 columns. */
@inline
function wholePanels(cols: usize): usize {
  return (cols + PANEL - 1) & ~(PANEL - 1);
}

// —————————————————————————————————————————————————————————————————————————————————————————————— filters

export function winogradFilters(
  w: usize, u: usize, first: usize, count: usize, rows: usize, cols: usize,
  rowStep: usize, colStep: usize, turned: i32, tile: i32, panels: i32,
): void {
  const width = panels ? wholePanels(cols) : cols;
  const plane = ((rows * width) << 2) + APART;
  for (let r = first; r < first + count; r++) {
    for (let c: usize = 0; c < width; c += 4) {
      const d = u + ((panels ? ((c / PANEL) * rows + r) * PANEL + c % PANEL : r * cols + c) << 2);
      if (c >= cols) {
        const planes: usize = (tile + 2) * (tile + 2);
        for (let p: usize = 0; p < planes; p++) v128.store(d + p * plane, i32x4.splat(0));
        continue;
      }
      const taps = w + ((r * rowStep + c * colStep) << 2);
      for (let k: usize = 0; k < 9; k++) {
        const tap: usize = turned ? 8 - k : k;
        v128.store(after() + k * VECTOR, gatherLanes(taps + (tap << 2), colStep << 2, 4));
      }
      filterPlanes(tile, d, plane);
    }
  }
}

export function winogradFilterGradient(
  sums: usize, dw: usize, first: usize, count: usize, slots: usize, C: usize, O: usize, tile: i32,
): void {
  const size: usize = tile + 2;
  const plane = ((C * O) << 2) + APART;
  for (let c = first; c < first + count; c++) {
    for (let o: usize = 0; o < O; o += 4) {
      const at = sums + ((c * O + o) << 2);
      for (let p: usize = 0; p < size * size; p++) {
        let sum = v128.load(at + p * plane);
        for (let slot: usize = 1; slot < slots; slot++) {
          sum = f32x4.add(sum, v128.load(at + (slot * size * size + p) * plane));
        }
        v128.store(region() + p * VECTOR, sum);
      }
      filterTaps(tile, region(), VECTOR);
      const taps = dw + (((o * C + c) * 9) << 2);
      const next = (C * 9) << 2;
      for (let k: usize = 0; k < 9; k++) {
        const v = v128.load(after() + k * VECTOR);
        v128.store_lane<f32>(taps + (k << 2), v, 0);
        v128.store_lane<f32>(taps + next + (k << 2), v, 1);
        v128.store_lane<f32>(taps + 2 * next + (k << 2), v, 2);
        v128.store_lane<f32>(taps + 3 * next + (k << 2), v, 3);
      }
    }
  }
}

// ——————————————————————————————————————————————————————————————————————————————————————————————— pieces

@inline
function down(z: Sizes): i32 {
  return (z.outH + z.tile - 1) / z.tile;
}

@inline
function across(z: Sizes): i32 {
  return (z.outW + z.tile - 1) / z.tile;
}

/** Tiles from number t on that form a rectangle in one image, and are no more than `most`: whole rows, or a part of one. */
@inline
function rowsFrom(z: Sizes, t: i32, most: i32): i32 {
  const TX = across(z);
  if (t % TX != 0 || most < TX) return 0;
  return min(most / TX, down(z) - (t / TX) % down(z));
}

/**
 * The planes of tiles `from` to `to` of an image, or of a gradient, one row of channels per tile. With an index, x is pooled:
 * every number of it belongs to one pixel of its window.
 */
function planesOf(
  x: usize, index: usize, d: usize, plane: usize, z: Sizes, from: i32, to: i32, isGradient: bool,
): void {
  const tile = z.tile;
  const C: usize = isGradient ? z.O : z.C;
  const H = isGradient ? z.outH : z.H;
  const W = isGradient ? z.outW : z.W;
  const top = isGradient ? 0 : z.top;
  const left = isGradient ? 0 : z.left;
  const border = isGradient ? 0 : 2;
  const TX = across(z);
  const TY = down(z);
  const run = C << 2;
  for (let t = from; t < to; ) {
    const n = t / (TX * TY);
    const ty = (t / TX) % TY;
    const tx = t % TX;
    const rows = rowsFrom(z, t, to - t);
    const height = max(rows, 1);
    const width = rows ? TX : min(TX - tx, to - t);
    const cols = width * tile + border;
    const y0 = ty * tile - top;
    const x0 = tx * tile - left;
    const image = <usize>n * <usize>(index ? (H >> 1) * (W >> 1) : H * W) * run;
    if (index) {
      spreadRegion(x + image, index + image, region(), y0, height * tile + border, x0, cols, H, W, run);
    } else copyRegion(x + image, region(), y0, height * tile + border, x0, cols, H, W, run);
    const row = <usize>cols * run;
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const s = region() + <usize>(i * tile) * row + <usize>(j * tile) * run;
        if (isGradient) gradientPlanes(tile, s, row, run, d, plane);
        else imagePlanes(tile, s, row, run, d, plane);
        d += run;
      }
    }
    t += height * width;
  }
}

/**
 * The results of tiles `from` to `to` from their planes, whose rows lie `step` bytes apart. Of tiles that overlap the edge only
 * a part is stored. With an index, only the largest of every 2×2 is, and which pixel it is.
 */
function resultsOf(
  m: usize, step: usize, plane: usize, b: usize, y: usize, index: usize, z: Sizes, from: i32, to: i32,
): void {
  const tile = z.tile;
  const TX = across(z);
  const TY = down(z);
  const run: usize = <usize>z.O << 2;
  const row = <usize>z.outW * run;
  for (let t = from; t < to; t++, m += step) {
    const n = t / (TX * TY);
    const i = ((t / TX) % TY) * tile;
    const j = (t % TX) * tile;
    const height = min(tile, z.outH - i);
    const width = min(tile, z.outW - j);
    if (index) {
      resultTile(tile, m, plane, b, region(), <usize>tile * run, run);
      poolTile(y, index, z, n, i, j, height, width);
      continue;
    }
    const d = y + <usize>((n * z.outH + i) * z.outW + j) * run;
    if (height == tile && width == tile) {
      resultTile(tile, m, plane, b, d, row, run);
      continue;
    }
    resultTile(tile, m, plane, b, region(), <usize>tile * run, run);
    for (let k = 0; k < height; k++) {
      copyRun(d + <usize>k * row, region() + <usize>(k * tile) * run, <usize>width * run);
    }
  }
}

/** The largest of every 2×2 of a tile that stands in the region; in image n it begins at row i, column j. */
@inline
function poolTile(y: usize, index: usize, z: Sizes, n: i32, i: i32, j: i32, height: i32, width: i32): void {
  const run: usize = <usize>z.O << 2;
  const line = <usize>z.tile * run;
  for (let k = 0; k < height; k += 2) {
    for (let l = 0; l < width; l += 2) {
      const to = <usize>((n * (z.outH >> 1) + ((i + k) >> 1)) * (z.outW >> 1) + ((j + l) >> 1)) * run;
      const from = region() + <usize>k * line + <usize>l * run;
      maxOfFour(from, y + to, index + to, run, line, (i + k) * z.outW + j + l, z.outW);
    }
  }
}

/** Bytes of the region that a piece may copy of an image with C channels. */
@inline
function regionBytes(z: Sizes): usize {
  const TX = across(z);
  const rows = max(1, min(z.piece / TX, down(z)));
  const cols = min(TX, z.piece);
  return <usize>((rows * z.tile + 2) * (cols * z.tile + 2) * max(z.C, z.O)) << 2;
}

@inline
function tilesIn(z: Sizes): i32 {
  return z.N * down(z) * across(z);
}

export function winogradImages(
  x: usize, u: usize, b: usize, y: usize, index: usize, sizes: usize,
  first: i32, count: i32, cost: f32, base: f64,
): void {
  const z = changetype<Sizes>(sizes);
  const C: usize = z.C;
  const O: usize = z.O;
  const planes = (z.tile + 2) * (z.tile + 2);
  const imagePlane = <usize>z.piece * (C << 2) + APART;
  const width = base == 0 ? wholePanels(O) : O;
  const resultPlane = <usize>z.piece * (width << 2) + APART;
  const filterPlane = ((C * width) << 2) + APART;
  const v = region() + regionBytes(z);
  const m = v + <usize>planes * imagePlane;
  for (let piece = first; piece < first + count; piece++) {
    const from = piece * z.piece;
    const to = min(from + z.piece, tilesIn(z));
    planesOf(x, z.pool == GRADIENTS ? index : 0, v, imagePlane, z, from, to, false);
    for (let p = 0; p < planes; p++) {
      const k: usize = p;
      const n: usize = to - from;
      const a = v + k * imagePlane;
      const f = u + k * filterPlane;
      const c = m + k * resultPlane;
      if (base == 0) productOfPanels(a, C, f, c, width, n, O, C);
      else product(a, C, f, O, c, O, n, O, C, 0, base);
    }
    resultsOf(m, width << 2, resultPlane, b, y, z.pool == RESULTS ? index : 0, z, from, to);
  }
}

export function winogradSums(
  x: usize, g: usize, index: usize, sums: usize, sizes: usize,
  first: i32, count: i32, cost: f32, base: f64,
): void {
  const z = changetype<Sizes>(sizes);
  const C: usize = z.C;
  const O: usize = z.O;
  const planes = (z.tile + 2) * (z.tile + 2);
  const imagePlane = <usize>z.piece * (C << 2) + APART;
  const resultPlane = <usize>z.piece * (O << 2) + APART;
  const sumPlane = ((C * O) << 2) + APART;
  const v = region() + regionBytes(z);
  const m = v + <usize>planes * imagePlane;
  const pieces = (tilesIn(z) + z.piece - 1) / z.piece;
  for (let slot = first; slot < first + count; slot++) {
    const start = (slot * pieces) / z.slots;
    const end = ((slot + 1) * pieces) / z.slots;
    const into = sums + <usize>slot * <usize>planes * sumPlane;
    if (start == end) memory.fill(into, 0, <usize>planes * sumPlane);
    for (let piece = start; piece < end; piece++) {
      const from = piece * z.piece;
      const to = min(from + z.piece, tilesIn(z));
      planesOf(x, 0, v, imagePlane, z, from, to, false);
      planesOf(g, z.pool == GRADIENTS ? index : 0, m, resultPlane, z, from, to, true);
      const keep: f32 = piece == start ? 0 : 1;
      for (let p = 0; p < planes; p++) {
        const k: usize = p;
        productOfCachedColumns(
          v + k * imagePlane, C, m + k * resultPlane, O, into + k * sumPlane, O, C, O, to - from, keep, base,
        );
      }
    }
  }
}
