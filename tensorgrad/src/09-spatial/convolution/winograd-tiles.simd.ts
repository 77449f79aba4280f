// The transforms of one tile, for all its channels, four at a time: winograd-lines.simd.ts along its columns and then along its rows. Tiles
// of 2 stay in registers; those of 4 are written to `between` after the first pass.

import { scratch } from "../../00-runtime/simd/scratch.simd";
import * as line from "./winograd-lines.simd";

// The area of a piece in scratch begins after what its products need (see `cut` in winograd.ts): what one tile needs between its two passes, then a region of the image with zeros around,
// then the transformed planes of both operands.

/** For the products of a piece: they sum over its tiles, or write where they belong. */
@inline
const PRODUCTS: usize = 131_072;

/** Between the passes: 6 × 6 vectors. */
@inline
export function between(): usize {
  return scratch + PRODUCTS;
}
/** After both, where the result is not for all: 4 × 4 vectors, or the 3 × 3 taps of a filter. */
@inline
export function after(): usize {
  return scratch + PRODUCTS + 640;
}
@inline
export function region(): usize {
  return scratch + PRODUCTS + 1024;
}

@inline
export const VECTOR: usize = 16;

// —————————————————————————————————————————————————————————————————————————————————————————————— images

/** The planes of a tile of the image: its rows and pixels lie so far apart, and a pixel is `run` bytes of channels. */
export function imagePlanes(tile: i32, s: usize, row: usize, run: usize, d: usize, plane: usize): void {
  if (tile == 2) {
    for (const end = s + run; s < end; s += VECTOR, d += VECTOR) image2x2(s, row, run, d, plane);
    return;
  }
  for (const end = s + run; s < end; s += VECTOR, d += VECTOR) {
    for (let j: usize = 0; j < 6; j++) line.image4(s + j * run, row, between() + j * VECTOR, 6 * VECTOR);
    for (let i: usize = 0; i < 6; i++) line.image4(between() + 6 * i * VECTOR, VECTOR, d + 6 * i * plane, plane);
  }
}

/** Bᵀ·x·B: rows are combined in pairs (first minus third, …), then the columns of each. */
@inline
function image2x2(s: usize, row: usize, col: usize, d: usize, plane: usize): void {
  const s1 = s + row;
  const s2 = s1 + row;
  const s3 = s2 + row;
  rowOfImage2(
    f32x4.sub(v128.load(s), v128.load(s2)), f32x4.sub(v128.load(s + col), v128.load(s2 + col)),
    f32x4.sub(v128.load(s + 2 * col), v128.load(s2 + 2 * col)), f32x4.sub(v128.load(s + 3 * col), v128.load(s2 + 3 * col)),
    d, plane,
  );
  rowOfImage2(
    f32x4.add(v128.load(s1), v128.load(s2)), f32x4.add(v128.load(s1 + col), v128.load(s2 + col)),
    f32x4.add(v128.load(s1 + 2 * col), v128.load(s2 + 2 * col)), f32x4.add(v128.load(s1 + 3 * col), v128.load(s2 + 3 * col)),
    d + 4 * plane, plane,
  );
  rowOfImage2(
    f32x4.sub(v128.load(s2), v128.load(s1)), f32x4.sub(v128.load(s2 + col), v128.load(s1 + col)),
    f32x4.sub(v128.load(s2 + 2 * col), v128.load(s1 + 2 * col)), f32x4.sub(v128.load(s2 + 3 * col), v128.load(s1 + 3 * col)),
    d + 8 * plane, plane,
  );
  rowOfImage2(
    f32x4.sub(v128.load(s1), v128.load(s3)), f32x4.sub(v128.load(s1 + col), v128.load(s3 + col)),
    f32x4.sub(v128.load(s1 + 2 * col), v128.load(s3 + 2 * col)), f32x4.sub(v128.load(s1 + 3 * col), v128.load(s3 + 3 * col)),
    d + 12 * plane, plane,
  );
}

@inline
function rowOfImage2(x0: v128, x1: v128, x2: v128, x3: v128, d: usize, plane: usize): void {
  v128.store(d, f32x4.sub(x0, x2));
  v128.store(d + plane, f32x4.add(x1, x2));
  v128.store(d + 2 * plane, f32x4.sub(x2, x1));
  v128.store(d + 3 * plane, f32x4.sub(x1, x3));
}

// ——————————————————————————————————————————————————————————————————————————————————————————— gradients

/** The planes of a tile of the result's gradient. */
export function gradientPlanes(tile: i32, s: usize, row: usize, run: usize, d: usize, plane: usize): void {
  if (tile == 2) {
    for (const end = s + run; s < end; s += VECTOR, d += VECTOR) gradient2x2(s, row, run, d, plane);
    return;
  }
  for (const end = s + run; s < end; s += VECTOR, d += VECTOR) {
    for (let j: usize = 0; j < 4; j++) line.gradient4(s + j * run, row, between() + j * VECTOR, 4 * VECTOR);
    for (let i: usize = 0; i < 6; i++) line.gradient4(between() + 4 * i * VECTOR, VECTOR, d + 6 * i * plane, plane);
  }
}

/** A·g·Aᵀ */
@inline
function gradient2x2(s: usize, row: usize, col: usize, d: usize, plane: usize): void {
  const g00 = v128.load(s);
  const g01 = v128.load(s + col);
  const g10 = v128.load(s + row);
  const g11 = v128.load(s + row + col);
  rowOfGradient2(g00, g01, d, plane);
  rowOfGradient2(f32x4.add(g00, g10), f32x4.add(g01, g11), d + 4 * plane, plane);
  rowOfGradient2(f32x4.sub(g00, g10), f32x4.sub(g01, g11), d + 8 * plane, plane);
  rowOfGradient2(f32x4.neg(g10), f32x4.neg(g11), d + 12 * plane, plane);
}

@inline
function rowOfGradient2(g0: v128, g1: v128, d: usize, plane: usize): void {
  v128.store(d, g0);
  v128.store(d + plane, f32x4.add(g0, g1));
  v128.store(d + 2 * plane, f32x4.sub(g0, g1));
  v128.store(d + 3 * plane, f32x4.neg(g1));
}

// ————————————————————————————————————————————————————————————————————————————————————————————— results

/** A tile of the result, plus a bias for every channel, from planes at s. */
export function resultTile(tile: i32, s: usize, plane: usize, b: usize, d: usize, row: usize, run: usize): void {
  if (tile == 2) {
    for (const end = d + run; d < end; s += VECTOR, b += VECTOR, d += VECTOR) result2x2(s, plane, v128.load(b), d, row, run);
    return;
  }
  for (const end = d + run; d < end; s += VECTOR, b += VECTOR, d += VECTOR) {
    const bias = v128.load(b);
    for (let j: usize = 0; j < 6; j++) line.result4(s + j * plane, 6 * plane, between() + j * VECTOR, 6 * VECTOR);
    for (let i: usize = 0; i < 4; i++) {
      line.result4(between() + 6 * i * VECTOR, VECTOR, after(), VECTOR);
      for (let j: usize = 0; j < 4; j++) v128.store(d + i * row + j * run, f32x4.add(v128.load(after() + j * VECTOR), bias));
    }
  }
}

/** Aᵀ·m·A + b */
@inline
function result2x2(s: usize, plane: usize, bias: v128, d: usize, row: usize, col: usize): void {
  const down: usize = 4 * plane;
  let p = s;
  let m1 = v128.load(p + down);
  let m2 = v128.load(p + 2 * down);
  const t0 = f32x4.add(v128.load(p), f32x4.add(m1, m2));
  const u0 = f32x4.sub(f32x4.sub(m1, m2), v128.load(p + 3 * down));
  p += plane;
  m1 = v128.load(p + down);
  m2 = v128.load(p + 2 * down);
  const t1 = f32x4.add(v128.load(p), f32x4.add(m1, m2));
  const u1 = f32x4.sub(f32x4.sub(m1, m2), v128.load(p + 3 * down));
  p += plane;
  m1 = v128.load(p + down);
  m2 = v128.load(p + 2 * down);
  const t2 = f32x4.add(v128.load(p), f32x4.add(m1, m2));
  const u2 = f32x4.sub(f32x4.sub(m1, m2), v128.load(p + 3 * down));
  p += plane;
  m1 = v128.load(p + down);
  m2 = v128.load(p + 2 * down);
  const t3 = f32x4.add(v128.load(p), f32x4.add(m1, m2));
  const u3 = f32x4.sub(f32x4.sub(m1, m2), v128.load(p + 3 * down));
  v128.store(d, f32x4.add(bias, f32x4.add(t0, f32x4.add(t1, t2))));
  v128.store(d + col, f32x4.add(bias, f32x4.sub(f32x4.sub(t1, t2), t3)));
  v128.store(d + row, f32x4.add(bias, f32x4.add(u0, f32x4.add(u1, u2))));
  v128.store(d + row + col, f32x4.add(bias, f32x4.sub(f32x4.sub(u1, u2), u3)));
}

// ————————————————————————————————————————————————————————————————————————————————————————————— filters

/** The planes of four filters, whose taps lie at `after`. */
export function filterPlanes(tile: i32, d: usize, plane: usize): void {
  if (tile == 2) {
    for (let j: usize = 0; j < 3; j++) line.filter2(after() + j * VECTOR, 3 * VECTOR, between() + j * VECTOR, 3 * VECTOR);
    for (let i: usize = 0; i < 4; i++) line.filter2(between() + 3 * i * VECTOR, VECTOR, d + 4 * i * plane, plane);
  } else {
    for (let j: usize = 0; j < 3; j++) line.filter4(after() + j * VECTOR, 3 * VECTOR, between() + j * VECTOR, 3 * VECTOR);
    for (let i: usize = 0; i < 6; i++) line.filter4(between() + 3 * i * VECTOR, VECTOR, d + 6 * i * plane, plane);
  }
}

/** The taps of four filters, to `after`, from planes at s. */
export function filterTaps(tile: i32, s: usize, plane: usize): void {
  if (tile == 2) {
    for (let j: usize = 0; j < 4; j++) line.filterGradient2(s + j * plane, 4 * plane, between() + j * VECTOR, 4 * VECTOR);
    for (let i: usize = 0; i < 3; i++) {
      line.filterGradient2(between() + 4 * i * VECTOR, VECTOR, after() + 3 * i * VECTOR, VECTOR);
    }
  } else {
    for (let j: usize = 0; j < 6; j++) line.filterGradient4(s + j * plane, 6 * plane, between() + j * VECTOR, 6 * VECTOR);
    for (let i: usize = 0; i < 3; i++) {
      line.filterGradient4(between() + 6 * i * VECTOR, VECTOR, after() + 3 * i * VECTOR, VECTOR);
    }
  }
}
