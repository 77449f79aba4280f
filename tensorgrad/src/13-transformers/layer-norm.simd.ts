import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { madd, msub } from "../00-runtime/simd/madd.simd";
import { BLOCK, sumOfRow } from "../00-runtime/simd/rows.simd";
import { scratch } from "../00-runtime/simd/scratch.simd";
import { horizontalSum } from "../00-runtime/simd/simd-math.simd";

// Three passes over each row (its sum, its squares, its outputs), of which only the first waits for memory:
// rows lie in the cache then. `stats` holds three floats per row, shift, rest and scale, so that backward
// needs no statistics of its own: two passes for x, one over all rows for the weight.

@inline
const STATS: usize = 12; // bytes per row

/**
 * x − shift − rest. The first difference is exact for numbers within a factor of two of the mean (Sterbenz
 * 1974); the second takes off what rounding left of the mean. So rows far from 0 lose no digits.
 */
@inline
function centred(x: v128, shift: v128, rest: v128): v128 {
  return f32x4.sub(f32x4.sub(x, shift), rest);
}

/** Zeros in the lanes from n (1 to 3) on, which loadLanes fills with copies of the first. */
@inline
function masked(v: v128, n: usize): v128 {
  return v128.and(v, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>n)));
}

/**
 * So many elements are summed in sequence (in 8 lanes), then blocks are added: errors stay small in long
 * rows.
 */
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
      squares0 = madd(d0, d0, squares0);
      squares1 = madd(d1, d1, squares1);
    }
    for (; n > 0; n -= min<usize>(n, 4), x += 16) {
      const d = masked(f32x4.sub(loadLanes(x, n), v), n);
      sum0 = f32x4.add(sum0, d);
      squares0 = madd(d, d, squares0);
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

/** Rows are independent: threads take some of them each. */
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
    for (; n >= 8; n -= 8, x += 32, y += 32, wc += 32, bc += 32) {
      const normal0 = f32x4.mul(centred(v128.load(x), shift, rest), scale);
      const normal1 = f32x4.mul(centred(v128.load(x, 16), shift, rest), scale);
      v128.store(y, madd(normal0, v128.load(wc), v128.load(bc)));
      v128.store(y, madd(normal1, v128.load(wc, 16), v128.load(bc, 16)), 16);
    }
    for (; n >= 4; n -= 4, x += 16, y += 16, wc += 16, bc += 16) {
      const normal = f32x4.mul(centred(v128.load(x), shift, rest), scale);
      v128.store(y, madd(normal, v128.load(wc), v128.load(bc)));
    }
    if (n) {
      const normal = f32x4.mul(centred(loadLanes(x, n), shift, rest), scale);
      storeLanes(y, madd(normal, loadLanes(wc, n), loadLanes(bc, n)), n);
    }
    x += n << 2;
    y += n << 2;
  }
}

/** The gradient of x. */
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
  let xc = x;
  let wc = w;
  let gc = g;
  for (let left = cols; left > 0; ) {
    let n = min(left, RUN);
    left -= n;
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let dot0 = f32x4.splat(0);
    let dot1 = f32x4.splat(0);
    for (; n >= 8; n -= 8, xc += 32, wc += 32, gc += 32) {
      const g0 = f32x4.mul(v128.load(gc), v128.load(wc));
      const g1 = f32x4.mul(v128.load(gc, 16), v128.load(wc, 16));
      sum0 = f32x4.add(sum0, g0);
      sum1 = f32x4.add(sum1, g1);
      dot0 = madd(g0, centred(v128.load(xc), shift, rest), dot0);
      dot1 = madd(g1, centred(v128.load(xc, 16), shift, rest), dot1);
    }
    for (; n > 0; n -= min<usize>(n, 4), xc += 16, wc += 16, gc += 16) {
      const gw = masked(f32x4.mul(loadLanes(gc, n), loadLanes(wc, n)), n);
      sum0 = f32x4.add(sum0, gw);
      dot0 = madd(gw, masked(centred(loadLanes(xc, n), shift, rest), n), dot0);
    }
    sum = f32x4.add(sum, f32x4.add(sum0, sum1));
    dot = f32x4.add(dot, f32x4.add(dot0, dot1));
  }
  const mean = f32x4.splat(horizontalSum(sum) / <f32>cols);
  // x̂·Σ ĝ·x̂/n = (x − mean)·(scale²·Σ ĝ·(x − mean)/n)
  const slope = f32x4.mul(f32x4.mul(scale, scale), f32x4.splat(horizontalSum(dot) / <f32>cols));
  let n = cols;
  for (; n >= 4; n -= 4, x += 16, w += 16, g += 16, dx += 16) {
    const gw = f32x4.sub(f32x4.mul(v128.load(g), v128.load(w)), mean);
    v128.store(dx, f32x4.mul(scale, msub(centred(v128.load(x), shift, rest), slope, gw)));
  }
  if (n) {
    const gw = f32x4.sub(f32x4.mul(loadLanes(g, n), loadLanes(w, n)), mean);
    storeLanes(dx, f32x4.mul(scale, msub(centred(loadLanes(x, n), shift, rest), slope, gw)), n);
  }
}

/** Columns that are summed side by side: a buffer of partial sums per level of halving fits into scratch. */
@inline
const MAX_WIDTH: usize = 1024;

/** `step` is the length of a whole row: threads take some of the columns each. */
export function layerNormGradWeight(
  x: usize, stats: usize, g: usize, dw: usize, rows: usize, cols: usize, step: usize,
): void {
  for (let c: usize = 0; c < cols; c += MAX_WIDTH) {
    const width = min(MAX_WIDTH, cols - c);
    sumOfProducts(x + (c << 2), stats, g + (c << 2), rows, step << 2, width, scratch);
    memory.copy(dw + (c << 2), scratch, width << 2);
  }
}

/**
 * out = Σ over rows of g·x̂; as in columns.simd.ts, the second half of a long sum goes to the memory after
 * it.
 */
function sumOfProducts(
  x: usize, stats: usize, g: usize, rows: usize, step: usize, width: usize, out: usize,
): void {
  if (rows > BLOCK) {
    const half = (rows >> 1) & ~1;
    const second = out + (width << 2);
    sumOfProducts(x, stats, g, half, step, width, out);
    sumOfProducts(x + half * step, stats + half * STATS, g + half * step, rows - half, step, width, second);
    for (let n = width; n > 0; n -= min<usize>(n, 4), out += 16) {
      storeLanes(out, f32x4.add(loadLanes(out, n), loadLanes(out + (width << 2), n)), n);
    }
    return;
  }
  memory.fill(out, 0, width << 2);
  for (; rows >= 2; rows -= 2, x += step << 1, g += step << 1, stats += STATS << 1) {
    addTwoProducts(x, stats, g, step, width, out);
  }
  if (rows) addProducts(x, stats, g, width, out);
}

/** out += g·x̂ for two rows: the sums are loaded and stored half as often. */
@inline
function addTwoProducts(x: usize, stats: usize, g: usize, step: usize, n: usize, out: usize): void {
  const shift0 = v128.load32_splat(stats);
  const rest0 = v128.load32_splat(stats, 4);
  const scale0 = v128.load32_splat(stats, 8);
  const shift1 = v128.load32_splat(stats, 12);
  const rest1 = v128.load32_splat(stats, 16);
  const scale1 = v128.load32_splat(stats, 20);
  let x1 = x + step;
  let g1 = g + step;
  for (; n >= 4; n -= 4, x += 16, g += 16, x1 += 16, g1 += 16, out += 16) {
    const sum = madd(f32x4.mul(v128.load(g), scale0), centred(v128.load(x), shift0, rest0), v128.load(out));
    v128.store(out, madd(f32x4.mul(v128.load(g1), scale1), centred(v128.load(x1), shift1, rest1), sum));
  }
  if (n) {
    const normal0 = centred(loadLanes(x, n), shift0, rest0);
    const normal1 = centred(loadLanes(x1, n), shift1, rest1);
    const sum = madd(f32x4.mul(loadLanes(g, n), scale0), normal0, loadLanes(out, n));
    storeLanes(out, madd(f32x4.mul(loadLanes(g1, n), scale1), normal1, sum), n);
  }
}

/** The same for one row. */
@inline
function addProducts(x: usize, stats: usize, g: usize, n: usize, out: usize): void {
  const shift = v128.load32_splat(stats);
  const rest = v128.load32_splat(stats, 4);
  const scale = v128.load32_splat(stats, 8);
  for (; n > 0; n -= min<usize>(n, 4), x += 16, g += 16, out += 16) {
    const normal = centred(loadLanes(x, n), shift, rest);
    storeLanes(out, madd(f32x4.mul(loadLanes(g, n), scale), normal, loadLanes(out, n)), n);
  }
}
