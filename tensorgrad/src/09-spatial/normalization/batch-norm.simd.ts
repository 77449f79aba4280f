import { loadLanes, storeLanes } from "../../00-runtime/simd/lanes.simd";
import { madd, msub } from "../../00-runtime/simd/madd.simd";
import { BLOCK } from "../../00-runtime/simd/rows.simd";
import { scratch } from "../../00-runtime/simd/scratch.simd";
import { horizontalSum } from "../../00-runtime/simd/simd-math.simd";
import { centred, masked, ROW, RUN, scales, slopes, through, WIDTH } from "./channels.simd";

// Scratch holds numbers for at most WIDTH channels at a time: first of all w/√(variance + ε).

// ———————————————————————————————————————————————————————————————————————————————————————————— forward

export function batchNorm(
  x: usize, w: usize, b: usize, shift: usize, rest: usize, variance: usize, y: usize,
  outer: usize, channels: usize, inner: usize, eps: f32, relu: u32,
): void {
  const low = f32x4.splat(relu ? 0 : -Infinity);
  const step = (channels * inner) << 2;
  for (let first: usize = 0; first < channels; first += WIDTH) {
    const width = min(WIDTH, channels - first);
    const at = first << 2;
    scales(variance + at, w + at, width, eps, scratch);
    if (inner == 1) {
      normRows(x + at, b + at, shift + at, rest + at, y + at, outer, width, step, low);
      continue;
    }
    for (let o: usize = 0; o < outer; o++) {
      for (let c: usize = 0; c < width; c++) {
        const to = o * step + (at + (c << 2)) * inner;
        normPlane(x + to, b + at, shift + at, rest + at, y + to, c << 2, inner, low);
      }
    }
  }
}

/** Two rows at a time: what belongs to a channel is loaded once for both. */
function normRows(
  x: usize, b: usize, shift: usize, rest: usize, y: usize, rows: usize, width: usize, step: usize, low: v128,
): void {
  const whole = (width & ~3) << 2;
  const n = width & 3;
  for (let r: usize = 0; r < rows; r += 2) {
    const next = r + 1 < rows ? step : 0; // the last row alone is done twice
    for (let c: usize = 0; c < whole; c += 16) {
      const middle = v128.load(shift + c);
      const above = v128.load(rest + c);
      const scale = v128.load(scratch + c);
      const bias = v128.load(b + c);
      const first = centred(v128.load(x + c), middle, above);
      const second = centred(v128.load(x + next + c), middle, above);
      v128.store(y + c, f32x4.max(madd(first, scale, bias), low));
      v128.store(y + next + c, f32x4.max(madd(second, scale, bias), low));
    }
    for (let k: usize = 0; n > 0 && k < 2; k++) {
      const from = x + k * next + whole;
      const distance = centred(loadLanes(from, n), loadLanes(shift + whole, n), loadLanes(rest + whole, n));
      const z = madd(distance, v128.load(scratch + whole), loadLanes(b + whole, n));
      storeLanes(y + k * next + whole, f32x4.max(z, low), n);
    }
    x += step + next;
    y += step + next;
  }
}

@inline
function normPlane(
  x: usize, b: usize, shift: usize, rest: usize, y: usize, c: usize, inner: usize, low: v128,
): void {
  const middle = v128.load32_splat(shift + c);
  const above = v128.load32_splat(rest + c);
  const scale = v128.load32_splat(scratch + c);
  const bias = v128.load32_splat(b + c);
  let n = inner;
  for (; n >= 4; n -= 4, x += 16, y += 16) {
    v128.store(y, f32x4.max(madd(centred(v128.load(x), middle, above), scale, bias), low));
  }
  if (n) storeLanes(y, f32x4.max(madd(centred(loadLanes(x, n), middle, above), scale, bias), low), n);
}

// ——————————————————————————————————————————————————————————————————————————————————————————— backward

/** Of the block at hand: Σ g and Σ g·(x − mean). */
const SUMS = scratch + ROW;
const DOTS = scratch + 2 * ROW;
/** The same of all blocks so far, in double precision. */
const ALL_SUMS = scratch + 3 * ROW;
const ALL_DOTS = scratch + 5 * ROW;

export function batchNormSums(
  x: usize, g: usize, w: usize, b: usize, shift: usize, rest: usize, variance: usize, dw: usize, db: usize,
  outer: usize, channels: usize, inner: usize, step: usize, eps: f32, relu: u32,
): void {
  for (let first: usize = 0; first < channels; first += WIDTH) {
    const width = min(WIDTH, channels - first);
    const at = first << 2;
    memory.fill(ALL_SUMS, 0, 4 * ROW);
    scales(variance + at, w + at, width, eps, scratch);
    if (inner == 1) {
      for (let done: usize = 0; done < outer; done += BLOCK) {
        const from = done * (step << 2) + at;
        const rows = min(BLOCK, outer - done);
        sumsOfRows(x + from, g + from, b + at, shift + at, rest + at, rows, width, step << 2, relu);
      }
    } else {
      for (let c: usize = 0; c < width; c++) {
        const from = at * inner + ((c * inner) << 2);
        sumsOfPlanes(x + from, g + from, b + at, shift + at, rest + at, outer, inner, step << 2, c << 2, relu);
      }
    }
    for (let c: usize = 0; c < width; c++) {
      const scale = 1 / Math.sqrt(<f64>load<f32>(variance + at + (c << 2)) + <f64>eps);
      store<f32>(db + at + (c << 2), <f32>load<f64>(ALL_SUMS + (c << 3)));
      store<f32>(dw + at + (c << 2), <f32>(load<f64>(ALL_DOTS + (c << 3)) * scale));
    }
  }
}

function sumsOfRows(
  x: usize, g: usize, b: usize, shift: usize, rest: usize, rows: usize, width: usize, step: usize, relu: u32,
): void {
  memory.fill(SUMS, 0, ROW);
  memory.fill(DOTS, 0, ROW);
  const whole = (width & ~3) << 2;
  const n = width & 3;
  let r = rows;
  for (; r >= 2; r -= 2, x += step << 1, g += step << 1) {
    for (let c: usize = 0; c < whole; c += 16) {
      const middle = v128.load(shift + c);
      const above = v128.load(rest + c);
      const scale = v128.load(scratch + c);
      const bias = v128.load(b + c);
      const first = centred(v128.load(x + c), middle, above);
      const second = centred(v128.load(x + step + c), middle, above);
      const g0 = through(v128.load(g + c), first, scale, bias, relu);
      const g1 = through(v128.load(g + step + c), second, scale, bias, relu);
      v128.store(SUMS + c, f32x4.add(v128.load(SUMS + c), f32x4.add(g0, g1)));
      v128.store(DOTS + c, madd(g1, second, madd(g0, first, v128.load(DOTS + c))));
    }
    if (n > 0) {
      addToSums(x, g, b, shift, rest, whole, n, relu);
      addToSums(x + step, g + step, b, shift, rest, whole, n, relu);
    }
  }
  if (r > 0) {
    for (let c: usize = 0; c < width << 2; c += 16) {
      addToSums(x, g, b, shift, rest, c, min<usize>(width - (c >> 2), 4), relu);
    }
  }
  for (let c: usize = 0; c < width; c++) add(c, load<f32>(SUMS + (c << 2)), load<f32>(DOTS + (c << 2)));
}

/** One row's n channels from byte c on. */
@inline
function addToSums(
  x: usize, g: usize, b: usize, shift: usize, rest: usize, c: usize, n: usize, relu: u32,
): void {
  const distance = centred(loadLanes(x + c, n), loadLanes(shift + c, n), loadLanes(rest + c, n));
  const given = through(loadLanes(g + c, n), distance, v128.load(scratch + c), loadLanes(b + c, n), relu);
  v128.store(SUMS + c, f32x4.add(v128.load(SUMS + c), given));
  v128.store(DOTS + c, madd(given, distance, v128.load(DOTS + c)));
}

@inline
function add(c: usize, sum: f32, dot: f32): void {
  store<f64>(ALL_SUMS + (c << 3), load<f64>(ALL_SUMS + (c << 3)) + <f64>sum);
  store<f64>(ALL_DOTS + (c << 3), load<f64>(ALL_DOTS + (c << 3)) + <f64>dot);
}

function sumsOfPlanes(
  x: usize, g: usize, b: usize, shift: usize, rest: usize,
  outer: usize, inner: usize, step: usize, c: usize, relu: u32,
): void {
  const middle = v128.load32_splat(shift + c);
  const above = v128.load32_splat(rest + c);
  const scale = v128.load32_splat(scratch + c);
  const bias = v128.load32_splat(b + c);
  for (let o: usize = 0; o < outer; o++, x += step, g += step) {
    for (let done: usize = 0; done < inner; done += RUN) {
      let xo = x + (done << 2);
      let go = g + (done << 2);
      let sum = f32x4.splat(0);
      let dot = f32x4.splat(0);
      let n = min(RUN, inner - done);
      for (; n >= 4; n -= 4, xo += 16, go += 16) {
        const distance = centred(v128.load(xo), middle, above);
        const given = through(v128.load(go), distance, scale, bias, relu);
        sum = f32x4.add(sum, given);
        dot = madd(given, distance, dot);
      }
      if (n) {
        const distance = masked(centred(loadLanes(xo, n), middle, above), n);
        const given = masked(through(loadLanes(go, n), distance, scale, bias, relu), n);
        sum = f32x4.add(sum, given);
        dot = madd(given, distance, dot);
      }
      add(c >> 2, horizontalSum(sum), horizontalSum(dot));
    }
  }
}

export function batchNormGrad(
  x: usize, g: usize, w: usize, b: usize, shift: usize, rest: usize, variance: usize, dw: usize, db: usize,
  dx: usize, outer: usize, channels: usize, inner: usize, eps: f32, relu: u32, n: f32,
): void {
  const step = (channels * inner) << 2;
  for (let first: usize = 0; first < channels; first += WIDTH) {
    const width = min(WIDTH, channels - first);
    const at = first << 2;
    scales(variance + at, w + at, width, eps, scratch);
    slopes(variance + at, dw + at, db + at, width, eps, n, CONSTANTS, SLOPES);
    if (inner == 1) {
      gradOfRows(x + at, g + at, b + at, shift + at, rest + at, dx + at, outer, width, step, relu);
      continue;
    }
    for (let o: usize = 0; o < outer; o++) {
      for (let c: usize = 0; c < width; c++) {
        const to = o * step + (at + (c << 2)) * inner;
        gradOfPlane(x + to, g + to, b + at, shift + at, rest + at, dx + to, c << 2, inner, relu);
      }
    }
  }
}

/** What a channel's sums take from every gradient: a constant, and a slope in x − mean. */
const CONSTANTS = scratch + ROW;
const SLOPES = scratch + 2 * ROW;

/** Two rows at a time, as in normRows. */
function gradOfRows(
  x: usize, g: usize, b: usize, shift: usize, rest: usize, dx: usize,
  rows: usize, width: usize, step: usize, relu: u32,
): void {
  const whole = (width & ~3) << 2;
  for (let r: usize = 0; r < rows; r += 2) {
    const next = r + 1 < rows ? step : 0;
    for (let c: usize = 0; c < whole; c += 16) {
      const middle = v128.load(shift + c);
      const above = v128.load(rest + c);
      const scale = v128.load(scratch + c);
      const bias = v128.load(b + c);
      const constant = v128.load(CONSTANTS + c);
      const slope = v128.load(SLOPES + c);
      const first = centred(v128.load(x + c), middle, above);
      const second = centred(v128.load(x + next + c), middle, above);
      const g0 = f32x4.sub(through(v128.load(g + c), first, scale, bias, relu), constant);
      const g1 = f32x4.sub(through(v128.load(g + next + c), second, scale, bias, relu), constant);
      v128.store(dx + c, f32x4.mul(scale, msub(first, slope, g0)));
      v128.store(dx + next + c, f32x4.mul(scale, msub(second, slope, g1)));
    }
    if (width & 3) {
      gradOfRest(x, g, b, shift, rest, dx, whole, width & 3, relu);
      gradOfRest(x + next, g + next, b, shift, rest, dx + next, whole, width & 3, relu);
    }
    x += step + next;
    g += step + next;
    dx += step + next;
  }
}

/** One row's last n channels, from byte c on. */
@inline
function gradOfRest(
  x: usize, g: usize, b: usize, shift: usize, rest: usize, dx: usize, c: usize, n: usize, relu: u32,
): void {
  const scale = v128.load(scratch + c);
  const distance = centred(loadLanes(x + c, n), loadLanes(shift + c, n), loadLanes(rest + c, n));
  const given = through(loadLanes(g + c, n), distance, scale, loadLanes(b + c, n), relu);
  const level = f32x4.sub(given, v128.load(CONSTANTS + c));
  storeLanes(dx + c, f32x4.mul(scale, msub(distance, v128.load(SLOPES + c), level)), n);
}

@inline
function gradOfPlane(
  x: usize, g: usize, b: usize, shift: usize, rest: usize, dx: usize, c: usize, n: usize, relu: u32,
): void {
  const middle = v128.load32_splat(shift + c);
  const above = v128.load32_splat(rest + c);
  const scale = v128.load32_splat(scratch + c);
  const bias = v128.load32_splat(b + c);
  const constant = v128.load32_splat(CONSTANTS + c);
  const slope = v128.load32_splat(SLOPES + c);
  for (; n > 0; n -= min<usize>(n, 4), x += 16, g += 16, dx += 16) {
    const distance = centred(loadLanes(x, n), middle, above);
    const given = through(loadLanes(g, n), distance, scale, bias, relu);
    storeLanes(dx, f32x4.mul(scale, msub(distance, slope, f32x4.sub(given, constant))), n);
  }
}
