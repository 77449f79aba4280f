// Sums that cannot run along a row: over lines of adjacent floats (many sums side by side), or over floats
// that lie apart. Steps are in bytes.

import { BLOCK } from "./rows.simd";
import { scratch } from "./scratch.simd";

/** Outputs that are summed side by side: a buffer of partial sums per level of halving fits into scratch. */
const MAX_WIDTH: usize = 1024;

/** y[i] = Σ over n lines of x[i]. */
export function sumColumns(x: usize, y: usize, outputs: usize, n: usize, step: usize): void {
  for (let i: usize = 0; i < outputs; i += MAX_WIDTH) {
    const width = min(MAX_WIDTH, outputs - i);
    sumOfColumns(x + (i << 2), n, step, width, scratch);
    memory.copy(y + (i << 2), scratch, width << 2);
  }
}

/**
 * Adds n lines of `width` adjacent floats to one, written to `out`; the second half of a long sum goes to the
 * memory after it. Lines are read from front to back, four at a time, as memory likes it.
 */
function sumOfColumns(x: usize, n: usize, step: usize, width: usize, out: usize): void {
  if (n > BLOCK) {
    const half = (n >> 1) & ~3;
    const second = out + (width << 2);
    sumOfColumns(x, half, step, width, out);
    sumOfColumns(x + half * step, n - half, step, width, second);
    addLine(second, out, width);
    return;
  }
  memory.fill(out, 0, width << 2);
  for (; n >= 4; n -= 4, x += step << 2) addFourLines(x, step, out, width);
  for (; n > 0; n--, x += step) addLine(x, out, width);
}

@inline
function addLine(x: usize, y: usize, n: usize): void {
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
  for (; n > 0; n--, x += 4, y += 4) store<f32>(y, load<f32>(y) + load<f32>(x));
}

/** y += (x₀ + x₁) + (x₂ + x₃). */
@inline
function addFourLines(x: usize, step: usize, y: usize, n: usize): void {
  let x1 = x + step;
  let x2 = x1 + step;
  let x3 = x2 + step;
  for (; n >= 4; n -= 4) {
    const first = f32x4.add(v128.load(x), v128.load(x1));
    const second = f32x4.add(v128.load(x2), v128.load(x3));
    v128.store(y, f32x4.add(v128.load(y), f32x4.add(first, second)));
    x += 16;
    x1 += 16;
    x2 += 16;
    x3 += 16;
    y += 16;
  }
  for (; n > 0; n--) {
    const first = load<f32>(x) + load<f32>(x1);
    store<f32>(y, load<f32>(y) + (first + (load<f32>(x2) + load<f32>(x3))));
    x += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
    y += 4;
  }
}

/** The sum of n floats that lie `step` bytes apart. */
export function sumOfStrided(x: usize, n: usize, step: usize): f32 {
  if (n > BLOCK) {
    const half = n >> 1;
    return sumOfStrided(x, half, step) + sumOfStrided(x + half * step, n - half, step);
  }
  let total: f32 = 0;
  for (; n > 0; n--, x += step) total += load<f32>(x);
  return total;
}
