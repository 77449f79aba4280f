// Between numbers and their integers, 16 at a time. Multiplications and additions are not fused: the floats are the same
// in both builds.

import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";

/** Four integers of x/step + zero, within what a byte may hold; NaN counts as 0. */
@inline
function integers(x: v128, step: v128, low: v128, high: v128, zero: v128): v128 {
  const rounded = f32x4.nearest(f32x4.div(x, step));
  const kept = f32x4.min(f32x4.max(rounded, low), high);
  return i32x4.add(i32x4.trunc_sat_f32x4_s(kept), zero);
}

@inline
function largestLane(v: v128): f32 {
  const pairs = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** The largest of 0 and sign·x; NaN if there is one. */
function extent(x: usize, cols: usize, sign: f32): f32 {
  const s = f32x4.splat(sign);
  let best = f32x4.splat(0);
  let n = cols;
  for (; n >= 4; n -= 4, x += 16) best = f32x4.max(best, f32x4.mul(v128.load(x), s));
  if (n) best = f32x4.max(best, f32x4.mul(loadLanes(x, n), s));
  return largestLane(best);
}

export function quantizeRows(
  x: usize, q: usize, scale: usize, zero: usize, rows: usize, cols: usize, high: f32, given: f32, givenZero: i32,
): void {
  for (let r: usize = 0; r < rows; r++, x += cols << 2, q += cols) {
    let step = given;
    let offset = givenZero;
    if (given == 0) {
      const below = extent(x, cols, -1);
      step = (extent(x, cols, 1) + below) / high;
      if (step == 0) step = 1;
      const middle = f32x4.splat(max<f32>(0, min<f32>(high, nearest<f32>(below / step))));
      offset = i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(middle), 0); // of NaN: 0
    }
    const clean = quantizeRow(x, q, cols, step, high, offset);
    store<f32>(scale + (r << 2), clean ? step : NaN);
    store<u8>(zero + r, <u8>offset);
  }
}

/** Whether there was no NaN. */
function quantizeRow(x: usize, q: usize, cols: usize, step: f32, high: f32, offset: i32): bool {
  const s = f32x4.splat(step);
  const low = f32x4.splat(-(<f32>offset));
  const top = f32x4.splat(high - <f32>offset);
  const zero = i32x4.splat(offset);
  let wrong = i32x4.splat(0);
  let n = cols;
  for (; n >= 16; n -= 16, x += 64, q += 16) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const x2 = v128.load(x, 32);
    const x3 = v128.load(x, 48);
    wrong = v128.or(wrong, v128.or(v128.or(f32x4.ne(x0, x0), f32x4.ne(x1, x1)), v128.or(f32x4.ne(x2, x2), f32x4.ne(x3, x3))));
    const first = i16x8.narrow_i32x4_s(integers(x0, s, low, top, zero), integers(x1, s, low, top, zero));
    const second = i16x8.narrow_i32x4_s(integers(x2, s, low, top, zero), integers(x3, s, low, top, zero));
    v128.store(q, i8x16.narrow_i16x8_u(first, second));
  }
  for (; n > 0; n--, x += 4, q++) {
    const one = v128.load32_splat(x);
    wrong = v128.or(wrong, f32x4.ne(one, one));
    store<u8>(q, <u8>i32x4.extract_lane(integers(one, s, low, top, zero), 0));
  }
  return !v128.any_true(wrong);
}

export function rescaleRows(
  y: usize, sum: usize, scale: usize, zero: usize, scales: usize, weights: usize, bias: usize,
  rows: usize, cols: usize, biased: usize,
): void {
  for (let r: usize = 0; r < rows; r++, sum += cols << 2, y += cols << 2) {
    const s = v128.load32_splat(scale + (r << 2));
    const z = i32x4.splat(<i32>load<u8>(zero + r));
    for (let c: usize = 0; c < cols; c += 4) {
      const at = c << 2;
      const n = min<usize>(4, cols - c);
      const whole = i32x4.sub(loadLanes(sum + at, n), i32x4.mul(z, loadLanes(weights + at, n)));
      let v = f32x4.mul(f32x4.convert_i32x4_s(whole), f32x4.mul(s, loadLanes(scales + at, n)));
      if (biased) v = f32x4.add(v, loadLanes(bias + at, n));
      storeLanes(y + at, v, n);
    }
  }
}
