import { loadLanes, storeLanes } from "../00-runtime/lanes.simd";
import { BLOCK, sumOfRow } from "../00-runtime/rows.simd";
import { scratch } from "../00-runtime/scratch.simd";
import { horizontalSum } from "../00-runtime/simd-math.simd";

// Rows lie in the cache after their first pass. `stats` holds three floats per row: shift, rest, scale.

@inline
const STATS: usize = 12; // bytes per row

/** x − shift − rest: the first difference is exact near the mean (Sterbenz), the second takes off what rounding left. */
@inline
function centred(x: v128, shift: v128, rest: v128): v128 {
  return f32x4.sub(f32x4.sub(x, shift), rest);
}

/** Zeros in the lanes from n (1 to 3) on, which loadLanes fills with copies of the first. */
@inline
function masked(v: v128, n: usize): v128 {
  return v128.and(v, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>n)));
}

/** So many elements are summed in sequence (in 8 lanes), then blocks are added: errors stay small in long rows. */
@inline
const RUN: usize = BLOCK * 8;

/** The mean by pairwise summation; then differences from it, whose sum says how far off it was rounded. */
@inline
function statisticsOf(x: usize, stats: usize, cols: usize, eps: f32): void {
  const shift = sumOfRow(x, cols) / <f32>cols;
  const v = f32x4.splat(shift);
  let sum = f32x4.splat(0);
  let squares = f32x4.splat(0);
  for (let left = cols; left > 0; ) {
    let n = min(left, RUN);
    left -= n;
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let squares0 = f32x4.splat(0);
    let squares1 = f32x4.splat(0);
    for (; n >= 8; n -= 8, x += 32) {
      const d0 = f32x4.sub(v128.load(x), v);
      const d1 = f32x4.sub(v128.load(x, 16), v);
      sum0 = f32x4.add(sum0, d0);
      sum1 = f32x4.add(sum1, d1);
      squares0 = f32x4.add(squares0, f32x4.mul(d0, d0));
      squares1 = f32x4.add(squares1, f32x4.mul(d1, d1));
    }
    for (; n > 0; n -= min<usize>(n, 4), x += 16) {
      const d = masked(f32x4.sub(loadLanes(x, n), v), n);
      sum0 = f32x4.add(sum0, d);
      squares0 = f32x4.add(squares0, f32x4.mul(d, d));
    }
    sum = f32x4.add(sum, f32x4.add(sum0, sum1));
    squares = f32x4.add(squares, f32x4.add(squares0, squares1));
  }
  const rest = horizontalSum(sum) / <f32>cols;
  const square = horizontalSum(squares) / <f32>cols;
  store<f32>(stats, shift);
  store<f32>(stats, rest, 4);
  store<f32>(stats, 1 / sqrt<f32>(square - rest * rest + eps), 8);
}

export function layerNorm(
  x: usize, w: usize, b: usize, y: usize, stats: usize, rows: usize, cols: usize, eps: f32,
): void {
  for (let r: usize = 0; r < rows; r++, stats += STATS) {
    statisticsOf(x, stats, cols, eps);
    const shift = v128.load32_splat(stats);
    const rest = v128.load32_splat(stats, 4);
    const scale = v128.load32_splat(stats, 8);
    let n = cols;
    let wc = w;
    let bc = b;
    for (; n >= 4; n -= 4, x += 16, y += 16, wc += 16, bc += 16) {
      const normal = f32x4.mul(centred(v128.load(x), shift, rest), scale);
      v128.store(y, f32x4.add(f32x4.mul(normal, v128.load(wc)), v128.load(bc)));
    }
    if (n) {
      const normal = f32x4.mul(centred(loadLanes(x, n), shift, rest), scale);
      storeLanes(y, f32x4.add(f32x4.mul(normal, loadLanes(wc, n)), loadLanes(bc, n)), n);
    }
    x += n << 2;
    y += n << 2;
  }
}

export function layerNormGrad(
  x: usize, w: usize, stats: usize, g: usize, dx: usize, rows: usize, cols: usize,
): void {
  for (let r: usize = 0; r < rows; r++, stats += STATS) {
    gradOfRow(x, w, stats, g, dx, cols);
    x += cols << 2;
    g += cols << 2;
    dx += cols << 2;
  }
}

/** First both means over the row, of ĝ = g·w and of ĝ·x̂; then the gradient. */
@inline
function gradOfRow(x: usize, w: usize, stats: usize, g: usize, dx: usize, cols: usize): void {
  const shift = v128.load32_splat(stats);
  const rest = v128.load32_splat(stats, 4);
  const scale = v128.load32_splat(stats, 8);
  let sum = f32x4.splat(0);
  let dot = f32x4.splat(0);
  for (let i: usize = 0; i < cols; ) {
    const end = min(i + RUN, cols);
    let sums = f32x4.splat(0);
    let dots = f32x4.splat(0);
    for (; i + 4 <= end; i += 4) {
      const gw = f32x4.mul(v128.load(g + (i << 2)), v128.load(w + (i << 2)));
      sums = f32x4.add(sums, gw);
      dots = f32x4.add(dots, f32x4.mul(gw, centred(v128.load(x + (i << 2)), shift, rest)));
    }
    if (i < end) {
      const n = end - i;
      const gw = masked(f32x4.mul(loadLanes(g + (i << 2), n), loadLanes(w + (i << 2), n)), n);
      sums = f32x4.add(sums, gw);
      dots = f32x4.add(dots, f32x4.mul(gw, masked(centred(loadLanes(x + (i << 2), n), shift, rest), n)));
    }
    i = end;
    sum = f32x4.add(sum, sums);
    dot = f32x4.add(dot, dots);
  }
  const mean = f32x4.splat(horizontalSum(sum) / <f32>cols);
  // x̂·Σ ĝ·x̂/n = (x − mean)·(scale²·Σ ĝ·(x − mean)/n)
  const slope = f32x4.mul(f32x4.mul(scale, scale), f32x4.splat(horizontalSum(dot) / <f32>cols));
  for (let n = cols; n > 0; n -= min<usize>(n, 4), x += 16, w += 16, g += 16, dx += 16) {
    const gw = f32x4.sub(f32x4.mul(loadLanes(g, n), loadLanes(w, n)), mean);
    const along = f32x4.mul(centred(loadLanes(x, n), shift, rest), slope);
    storeLanes(dx, f32x4.mul(scale, f32x4.sub(gw, along)), n);
  }
}

/** Columns that are summed side by side: a buffer of partial sums per level of halving fits into scratch. */
@inline
const MAX_WIDTH: usize = 1024;

export function layerNormGradWeight(x: usize, stats: usize, g: usize, dw: usize, rows: usize, cols: usize): void {
  for (let c: usize = 0; c < cols; c += MAX_WIDTH) {
    const width = min(MAX_WIDTH, cols - c);
    sumOfProducts(x + (c << 2), stats, g + (c << 2), rows, cols << 2, width, scratch);
    memory.copy(dw + (c << 2), scratch, width << 2);
  }
}

/** out = Σ over rows of g·x̂; as in columns.simd.ts, the second half of a long sum goes to the memory after it. */
function sumOfProducts(
  x: usize, stats: usize, g: usize, rows: usize, step: usize, width: usize, out: usize,
): void {
  if (rows > BLOCK) {
    const half = rows >> 1;
    const second = out + (width << 2);
    sumOfProducts(x, stats, g, half, step, width, out);
    sumOfProducts(x + half * step, stats + half * STATS, g + half * step, rows - half, step, width, second);
    for (let n = width; n > 0; n -= min<usize>(n, 4), out += 16) {
      storeLanes(out, f32x4.add(loadLanes(out, n), loadLanes(out + (width << 2), n)), n);
    }
    return;
  }
  memory.fill(out, 0, width << 2);
  for (; rows > 0; rows--, x += step, g += step, stats += STATS) addProducts(x, stats, g, width, out);
}

/** out += g·x̂ for one row. */
@inline
function addProducts(x: usize, stats: usize, g: usize, n: usize, out: usize): void {
  const shift = v128.load32_splat(stats);
  const rest = v128.load32_splat(stats, 4);
  const scale = v128.load32_splat(stats, 8);
  for (; n > 0; n -= min<usize>(n, 4), x += 16, g += 16, out += 16) {
    const normal = f32x4.mul(centred(loadLanes(x, n), shift, rest), scale);
    storeLanes(out, f32x4.add(loadLanes(out, n), f32x4.mul(loadLanes(g, n), normal)), n);
  }
}
