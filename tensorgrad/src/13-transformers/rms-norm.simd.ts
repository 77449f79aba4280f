import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { madd, msub } from "../00-runtime/simd/madd.simd";
import { dot, RUN } from "../00-runtime/simd/rows.simd";
import { horizontalSum } from "../00-runtime/simd/simd-math.simd";

// Two passes over each row, its squares and its outputs, of which only the first waits for memory. Rows are
// independent: threads take some of them each.

@inline
const STATS: usize = 12; // bytes per row

export function rmsNorm(
  x: usize, w: usize, y: usize, stats: usize, rows: usize, cols: usize, eps: f32,
): void {
  for (let r: usize = 0; r < rows; r++, stats += STATS) {
    const root: f32 = 1 / sqrt<f32>(dot(x, x, cols) / <f32>cols + eps);
    store<f32>(stats, 0);
    store<f32>(stats, 0, 4);
    store<f32>(stats, root, 8);
    const scale = f32x4.splat(root);
    let n = cols;
    let wc = w;
    for (; n >= 4; n -= 4, x += 16, y += 16, wc += 16) {
      v128.store(y, f32x4.mul(f32x4.mul(v128.load(x), scale), v128.load(wc)));
    }
    if (n) storeLanes(y, f32x4.mul(f32x4.mul(loadLanes(x, n), scale), loadLanes(wc, n)), n);
    x += n << 2;
    y += n << 2;
  }
}

/** Σ g·w·x; long sums by halves, as `dot` does. */
function dotOfThree(g: usize, w: usize, x: usize, n: usize): f32 {
  if (n > RUN) {
    const half = (n >> 1) & ~15;
    const bytes = half << 2;
    return dotOfThree(g, w, x, half) + dotOfThree(g + bytes, w + bytes, x + bytes, n - half);
  }
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  for (; n >= 8; n -= 8, g += 32, w += 32, x += 32) {
    s0 = madd(f32x4.mul(v128.load(g), v128.load(w)), v128.load(x), s0);
    s1 = madd(f32x4.mul(v128.load(g, 16), v128.load(w, 16)), v128.load(x, 16), s1);
  }
  let sum = horizontalSum(f32x4.add(s0, s1));
  for (; n > 0; n--, g += 4, w += 4, x += 4) sum += load<f32>(g) * load<f32>(w) * load<f32>(x);
  return sum;
}

/** The gradient of x. */
export function rmsNormGrad(
  x: usize, w: usize, stats: usize, g: usize, dx: usize, rows: usize, cols: usize,
): void {
  for (let r: usize = 0; r < rows; r++, stats += STATS) {
    const root = load<f32>(stats, 8);
    const scale = f32x4.splat(root);
    const slope = f32x4.splat(root * root * (dotOfThree(g, w, x, cols) / <f32>cols));
    let n = cols;
    let wc = w;
    for (; n >= 4; n -= 4, x += 16, g += 16, dx += 16, wc += 16) {
      const gw = f32x4.mul(v128.load(g), v128.load(wc));
      v128.store(dx, f32x4.mul(scale, msub(v128.load(x), slope, gw)));
    }
    if (n) {
      const gw = f32x4.mul(loadLanes(g, n), loadLanes(wc, n));
      storeLanes(dx, f32x4.mul(scale, msub(loadLanes(x, n), slope, gw)), n);
    }
    x += n << 2;
    g += n << 2;
    dx += n << 2;
  }
}
