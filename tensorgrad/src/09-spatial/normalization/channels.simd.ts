// What kernels share whose numbers belong to channels. Channels side by side (inner 1) are lanes of vectors; otherwise
// a channel is a run of adjacent floats. Sums are taken over blocks that stay in the cache, first in single
// precision; blocks are added in double precision.

import { madd } from "../../00-runtime/simd/madd.simd";
import { BLOCK } from "../../00-runtime/simd/rows.simd";

/** Channels that are worked on at a time. */
@inline
export const WIDTH: usize = 1024;
/** Bytes of one float for each of them. */
@inline
export const ROW: usize = WIDTH * 4;
/** Floats of a plane in one block. */
@inline
export const RUN: usize = BLOCK * 16;

/** Zeros in the lanes from n (1 to 4) on, which loadLanes fills with copies of the first. */
@inline
export function masked(v: v128, n: usize): v128 {
  return n >= 4 ? v : v128.and(v, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>n)));
}

/** x − mean, the mean in two parts: the first difference is exact for numbers near it (Sterbenz 1974). */
@inline
export function centred(x: v128, shift: v128, rest: v128): v128 {
  return f32x4.sub(f32x4.sub(x, shift), rest);
}

/** 1/√(variance + ε) of `width` channels, times w if that is given. */
@inline
export function scales(variance: usize, w: usize, width: usize, eps: f32, to: usize): void {
  for (let c: usize = 0; c < width << 2; c += 4) {
    const scale: f32 = 1 / sqrt<f32>(load<f32>(variance + c) + eps);
    store<f32>(to + c, w ? load<f32>(w + c) * scale : scale);
  }
}

/** g where relu(a·w·s + b) let it through: the same expression as in forward, so the same side of 0. */
@inline
export function through(g: v128, distance: v128, scale: v128, bias: v128, relu: u32): v128 {
  return relu ? v128.and(g, f32x4.gt(madd(distance, scale, bias), f32x4.splat(0))) : g;
}

/**
 * What the sums of a channel take from each of its n gradients: db/n, and dw/n/√(variance + ε) for every unit of x − mean.
 */
@inline
export function slopes(
  variance: usize, dw: usize, db: usize, width: usize, eps: f32, n: f32, constants: usize, slopes: usize,
): void {
  for (let c: usize = 0; c < width << 2; c += 4) {
    store<f32>(constants + c, load<f32>(db + c) / n);
    store<f32>(slopes + c, load<f32>(dw + c) / n / sqrt<f32>(load<f32>(variance + c) + eps));
  }
}
