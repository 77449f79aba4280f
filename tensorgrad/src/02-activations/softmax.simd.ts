import { expOfRow, logOf, scaleRow, sumExpOfRow } from "../00-runtime/simd/exp-rows.simd";
import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { dot, maxOfRow, sumOfRow } from "../00-runtime/simd/rows.simd";
import { expOrZero } from "../00-runtime/simd/simd-math.simd";

// One row at a time, so that all passes but the first find it in the cache.

/** The maximum, the exponentials with their sum, the division. */
export function softmax(x: usize, y: usize, rows: usize, cols: usize): void {
  const bytes = cols << 2;
  for (let r: usize = 0; r < rows; r++, x += bytes, y += bytes) {
    const sum = expOfRow(x, y, cols, maxOfRow(x, cols, 4));
    scaleRow(y, cols, 1 / sum);
  }
}

/** The maximum, the sum of the exponentials, the difference. */
export function logSoftmax(x: usize, y: usize, rows: usize, cols: usize): void {
  const bytes = cols << 2;
  for (let r: usize = 0; r < rows; r++, x += bytes, y += bytes) {
    const largest = maxOfRow(x, cols, 4);
    const logSum = logOf(sumExpOfRow(x, cols, largest));
    shiftRow(x, y, cols, largest, logSum);
  }
}

/** y = (x − first) − second: two steps, for the first difference is exact where it matters. */
@inline
function shiftRow(x: usize, y: usize, n: usize, first: f32, second: f32): void {
  const v1 = f32x4.splat(first);
  const v2 = f32x4.splat(second);
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f32x4.sub(f32x4.sub(v128.load(x), v1), v2));
  for (; n > 0; n--, x += 4, y += 4) store<f32>(y, load<f32>(x) - first - second);
}

export function softmaxGrad(y: usize, g: usize, dx: usize, rows: usize, cols: usize): void {
  for (let r: usize = 0; r < rows; r++) {
    const inner = f32x4.splat(dot(g, y, cols));
    let n = cols;
    for (; n >= 4; n -= 4, y += 16, g += 16, dx += 16) {
      v128.store(dx, f32x4.mul(v128.load(y), f32x4.sub(v128.load(g), inner)));
    }
    if (n) storeLanes(dx, f32x4.mul(loadLanes(y, n), f32x4.sub(loadLanes(g, n), inner)), n);
    y += n << 2;
    g += n << 2;
    dx += n << 2;
  }
}

export function logSoftmaxGrad(y: usize, g: usize, dx: usize, rows: usize, cols: usize): void {
  for (let r: usize = 0; r < rows; r++) {
    const sum = f32x4.splat(sumOfRow(g, cols));
    let n = cols;
    for (; n >= 4; n -= 4, y += 16, g += 16, dx += 16) {
      v128.store(dx, f32x4.sub(v128.load(g), f32x4.mul(expOrZero(v128.load(y)), sum)));
    }
    if (n) storeLanes(dx, f32x4.sub(loadLanes(g, n), f32x4.mul(expOrZero(loadLanes(y, n)), sum)), n);
    y += n << 2;
    g += n << 2;
    dx += n << 2;
  }
}
