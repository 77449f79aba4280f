// What kernels share whose numbers belong to channels. Channels side by side (inner 1) are lanes of vectors; otherwise
// a channel is a run of adjacent floats. Sums are taken over blocks that stay in the cache, first in single
// precision; blocks are added in double precision.

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
