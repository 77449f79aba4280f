import { loadLanes } from "../../00-runtime/simd/lanes.simd";
import { madd } from "../../00-runtime/simd/madd.simd";
import { BLOCK, sumOfRow } from "../../00-runtime/simd/rows.simd";
import { scratch } from "../../00-runtime/simd/scratch.simd";
import { horizontalSum } from "../../00-runtime/simd/simd-math.simd";
import { masked, ROW, RUN, WIDTH } from "./channels.simd";

// A block is read twice, the second time from the cache: its means, then the squares of the distances from them.

/** Of the block at hand: its mean, then what is left of the sum above it, and the squares. */
const LEFT = scratch + ROW;
const SQUARES = scratch + 2 * ROW;
/** Of all blocks so far, in double precision. */
const MEANS = scratch + 3 * ROW;
const TOTALS = scratch + 5 * ROW;

export function batchStatistics(
  x: usize, shift: usize, rest: usize, variance: usize,
  outer: usize, channels: usize, inner: usize, step: usize,
): void {
  for (let first: usize = 0; first < channels; first += WIDTH) {
    const width = min(WIDTH, channels - first);
    memory.fill(MEANS, 0, 4 * ROW);
    if (inner == 1) statisticsOfRows(x + (first << 2), outer, width, step << 2);
    else {
      for (let c: usize = 0; c < width; c++) {
        statisticsOfPlanes(x + (((first + c) * inner) << 2), outer, inner, step << 2, c);
      }
    }
    for (let c: usize = 0; c < width; c++) {
      const mean = load<f64>(MEANS + (c << 3));
      const at = (first + c) << 2;
      store<f32>(shift + at, <f32>mean);
      store<f32>(rest + at, <f32>(mean - <f64>(<f32>mean)));
      store<f32>(variance + at, <f32>(load<f64>(TOTALS + (c << 3)) / <f64>(outer * inner)));
    }
  }
}

/**
 * Adds a block of `count` numbers to `before` earlier ones: means weigh as many numbers as they stand for, and
 * squares grow by the distance of the means (Chan, Golub & LeVeque 1983).
 */
@inline
function merge(c: usize, mean: f32, left: f32, squares: f32, before: usize, count: usize): void {
  const n = <f64>count;
  const rest = <f64>left / n;
  const distance = <f64>mean + rest - load<f64>(MEANS + (c << 3));
  const share = n / <f64>(before + count);
  store<f64>(MEANS + (c << 3), load<f64>(MEANS + (c << 3)) + distance * share);
  const own = <f64>squares - rest * <f64>left + distance * distance * <f64>before * share;
  store<f64>(TOTALS + (c << 3), load<f64>(TOTALS + (c << 3)) + own);
}

function statisticsOfRows(x: usize, rows: usize, width: usize, step: usize): void {
  for (let done: usize = 0; done < rows; done += BLOCK, x += BLOCK * step) {
    const count = min(BLOCK, rows - done);
    meansOfBlock(x, count, width, step);
    squaresOfBlock(x, count, width, step);
    for (let c: usize = 0; c < width; c++) {
      const at = c << 2;
      const mean = load<f32>(scratch + at);
      merge(c, mean, load<f32>(LEFT + at), load<f32>(SQUARES + at), done, count);
    }
  }
}

/** The mean of each column, rounded. */
@inline
function meansOfBlock(x: usize, rows: usize, width: usize, step: usize): void {
  memory.fill(scratch, 0, width << 2);
  let r = rows;
  for (; r >= 4; r -= 4, x += step << 2) {
    let x1 = x + step;
    let x2 = x1 + step;
    let x3 = x2 + step;
    for (let c: usize = 0; c < width << 2; c += 16) {
      const n = min<usize>(width - (c >> 2), 4);
      const first = f32x4.add(loadLanes(x + c, n), loadLanes(x1 + c, n));
      const second = f32x4.add(loadLanes(x2 + c, n), loadLanes(x3 + c, n));
      v128.store(scratch + c, f32x4.add(v128.load(scratch + c), f32x4.add(first, second)));
    }
  }
  for (; r > 0; r--, x += step) {
    for (let c: usize = 0; c < width << 2; c += 16) {
      const n = min<usize>(width - (c >> 2), 4);
      v128.store(scratch + c, f32x4.add(v128.load(scratch + c), loadLanes(x + c, n)));
    }
  }
  const count = f32x4.splat(<f32>rows);
  for (let c: usize = 0; c < width << 2; c += 16) {
    v128.store(scratch + c, f32x4.div(v128.load(scratch + c), count));
  }
}

/** Sums and squares of the distances from those means. */
@inline
function squaresOfBlock(x: usize, rows: usize, width: usize, step: usize): void {
  memory.fill(LEFT, 0, ROW);
  memory.fill(SQUARES, 0, ROW);
  let r = rows;
  for (; r >= 4; r -= 4, x += step << 2) {
    let x1 = x + step;
    let x2 = x1 + step;
    let x3 = x2 + step;
    for (let c: usize = 0; c < width << 2; c += 16) {
      const n = min<usize>(width - (c >> 2), 4);
      const mean = v128.load(scratch + c);
      const d0 = f32x4.sub(loadLanes(x + c, n), mean);
      const d1 = f32x4.sub(loadLanes(x1 + c, n), mean);
      const d2 = f32x4.sub(loadLanes(x2 + c, n), mean);
      const d3 = f32x4.sub(loadLanes(x3 + c, n), mean);
      v128.store(LEFT + c, f32x4.add(v128.load(LEFT + c), f32x4.add(f32x4.add(d0, d1), f32x4.add(d2, d3))));
      const squares = madd(d1, d1, madd(d0, d0, v128.load(SQUARES + c)));
      v128.store(SQUARES + c, madd(d3, d3, madd(d2, d2, squares)));
    }
  }
  for (; r > 0; r--, x += step) {
    for (let c: usize = 0; c < width << 2; c += 16) {
      const n = min<usize>(width - (c >> 2), 4);
      const d = f32x4.sub(loadLanes(x + c, n), v128.load(scratch + c));
      v128.store(LEFT + c, f32x4.add(v128.load(LEFT + c), d));
      v128.store(SQUARES + c, madd(d, d, v128.load(SQUARES + c)));
    }
  }
}

function statisticsOfPlanes(x: usize, outer: usize, inner: usize, step: usize, c: usize): void {
  for (let o: usize = 0, done: usize = 0; o < outer; o++, x += step) {
    let at = x;
    for (let left = inner; left > 0; ) {
      const n = min(left, RUN);
      const mean = sumOfRow(at, n) / <f32>n;
      let sum = f32x4.splat(0);
      let squares = f32x4.splat(0);
      for (let k = n; k > 0; k -= min<usize>(k, 4), at += 16) {
        const d = masked(f32x4.sub(loadLanes(at, k), f32x4.splat(mean)), k);
        sum = f32x4.add(sum, d);
        squares = madd(d, d, squares);
      }
      at = x + ((inner - left + n) << 2);
      merge(c, mean, horizontalSum(sum), horizontalSum(squares), done, n);
      done += n;
      left -= n;
    }
  }
}
