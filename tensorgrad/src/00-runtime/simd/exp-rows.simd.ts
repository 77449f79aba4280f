// The shared steps of softmax and cross-entropy on one row of n adjacent floats.

import { loadLanes, storeLanes } from "./lanes.simd";
import { RUN } from "./rows.simd";
import { expOrZero, horizontalSum, log } from "./simd-math.simd";

// Exponentials that are negligible beside the largest of the row, which is 1, are 0 (see expOrZero). Sums are added up
// in runs: one sum over a long row would stop growing where its terms are half a unit of its last place.

/** Writes exp(x − shift) to y and returns the sum; no x exceeds shift. */
export function expOfRow(x: usize, y: usize, n: usize, shift: f32): f32 {
  const offset = f32x4.splat(shift);
  let sum: f32 = 0;
  for (; n >= RUN; n -= RUN) {
    let total = f32x4.splat(0);
    for (const end = x + (RUN << 2); x < end; x += 16, y += 16) {
      const e = expOrZero(f32x4.sub(v128.load(x), offset));
      v128.store(y, e);
      total = f32x4.add(total, e);
    }
    sum += horizontalSum(total);
  }
  let total = f32x4.splat(0);
  for (; n >= 4; n -= 4, x += 16, y += 16) {
    const e = expOrZero(f32x4.sub(v128.load(x), offset));
    v128.store(y, e);
    total = f32x4.add(total, e);
  }
  if (n) {
    storeLanes(y, expOrZero(f32x4.sub(loadLanes(x, n), offset)), n);
    for (let i: usize = 0; i < n; i++) total = f32x4.add(total, v128.load32_zero(y + (i << 2)));
  }
  return sum + horizontalSum(total);
}

/** Σ exp(x − shift); no x exceeds shift. */
export function sumExpOfRow(x: usize, n: usize, shift: f32): f32 {
  const offset = f32x4.splat(shift);
  let sum: f32 = 0;
  for (; n >= RUN; n -= RUN) {
    let total = f32x4.splat(0);
    for (const end = x + (RUN << 2); x < end; x += 16) {
      total = f32x4.add(total, expOrZero(f32x4.sub(v128.load(x), offset)));
    }
    sum += horizontalSum(total);
  }
  let total = f32x4.splat(0);
  for (; n >= 4; n -= 4, x += 16) total = f32x4.add(total, expOrZero(f32x4.sub(v128.load(x), offset)));
  if (n) {
    const lanes = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>n));
    total = f32x4.add(total, v128.and(lanes, expOrZero(f32x4.sub(loadLanes(x, n), offset))));
  }
  return sum + horizontalSum(total);
}

/** y = y · factor. */
@inline
export function scaleRow(y: usize, n: usize, factor: f32): void {
  const scale = f32x4.splat(factor);
  for (; n >= 4; n -= 4, y += 16) v128.store(y, f32x4.mul(v128.load(y), scale));
  for (; n > 0; n--, y += 4) store<f32>(y, load<f32>(y) * factor);
}

export function logOf(x: f32): f32 {
  return f32x4.extract_lane(log(f32x4.splat(x)), 0);
}
