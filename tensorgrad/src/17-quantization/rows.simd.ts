// Between numbers and their integers, 16 at a time. Multiplications and additions are not fused: the floats are the same
// in both builds.
//
// Rows without NaN, that is nearly all, are spared what looks after it: pmin and pmax are one instruction each, min and max
// seven, and an addition rounds as well as a conversion.

import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";

/** 1.5·2²³: a small number added to it is rounded, halves to the even integer, which then stands in its last bits. */
const MAGIC: f32 = 12_582_912;
const MAGIC_BITS: i32 = 0x4b400000;

@inline
function largestLane(v: v128): f32 {
  const pairs = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** How far a row goes below 0, and from there to its largest number, without regard to NaN. */
@inline
function rangeOf(x: usize, cols: usize, high: f32, step: usize, middle: usize): void {
  let low = f32x4.splat(0);
  let top = f32x4.splat(0);
  let low1 = f32x4.splat(0);
  let top1 = f32x4.splat(0);
  let n = cols;
  for (; n >= 8; n -= 8, x += 32) {
    const v = v128.load(x);
    const u = v128.load(x, 16);
    low = f32x4.pmin(low, v);
    top = f32x4.pmax(top, v);
    low1 = f32x4.pmin(low1, u);
    top1 = f32x4.pmax(top1, u);
  }
  low = f32x4.pmin(low, low1);
  top = f32x4.pmax(top, top1);
  for (; n > 0; ) {
    const m = min<usize>(4, n);
    const v = loadLanes(x, m);
    low = f32x4.pmin(low, v);
    top = f32x4.pmax(top, v);
    n -= m;
    x += 16;
  }
  const below = largestLane(f32x4.neg(low));
  const one = (largestLane(top) + below) / high;
  store<f32>(step, one == 0 ? 1 : one);
  const zero = f32x4.splat(max<f32>(0, min<f32>(high, nearest<f32>(below / load<f32>(step)))));
  store<u8>(middle, <u8>i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(zero), 0)); // of NaN: 0
}

export function quantizeRows(
  x: usize, q: usize, scale: usize, zero: usize, rows: usize, cols: usize, high: f32, given: f32, givenZero: i32,
): void {
  for (let r: usize = 0; r < rows; r++, x += cols << 2, q += cols, scale += 4, zero++) {
    if (given == 0) {
      rangeOf(x, cols, high, scale, zero);
    } else {
      store<f32>(scale, given);
      store<u8>(zero, <u8>givenZero);
    }
    const step = load<f32>(scale);
    const offset = <i32>load<u8>(zero);
    if (quantizeRow(x, q, cols, step, high, offset)) continue;
    if (quantizeOdd(x, q, cols, step, high, offset)) continue;
    store<f32>(scale, NaN);
    if (given != 0) continue;
    memory.fill(q, 0, cols);
    store<u8>(zero, 0);
  }
}

/** Four integers, for quotients that are not NaN. */
@inline
function integers(quotient: v128, low: v128, top: v128, base: v128): v128 {
  const kept = f32x4.pmin(f32x4.pmax(low, quotient), top);
  return i32x4.sub(f32x4.add(kept, f32x4.splat(MAGIC)), base);
}

/** Whether no quotient was NaN; otherwise q is not right. */
function quantizeRow(x: usize, q: usize, cols: usize, step: f32, high: f32, offset: i32): bool {
  const s = f32x4.splat(step);
  const low = f32x4.splat(-(<f32>offset));
  const top = f32x4.splat(high - <f32>offset);
  const base = i32x4.splat(MAGIC_BITS - offset);
  let odd = i32x4.splat(0);
  let n = cols;
  for (; n >= 16; n -= 16, x += 64, q += 16) {
    const x0 = f32x4.div(v128.load(x), s);
    const x1 = f32x4.div(v128.load(x, 16), s);
    const x2 = f32x4.div(v128.load(x, 32), s);
    const x3 = f32x4.div(v128.load(x, 48), s);
    odd = v128.or(odd, v128.or(v128.or(f32x4.ne(x0, x0), f32x4.ne(x1, x1)), v128.or(f32x4.ne(x2, x2), f32x4.ne(x3, x3))));
    const first = i16x8.narrow_i32x4_s(integers(x0, low, top, base), integers(x1, low, top, base));
    const second = i16x8.narrow_i32x4_s(integers(x2, low, top, base), integers(x3, low, top, base));
    v128.store(q, i8x16.narrow_i16x8_u(first, second));
  }
  for (; n > 0; n--, x += 4, q++) {
    const one = f32x4.div(v128.load32_splat(x), s);
    odd = v128.or(odd, f32x4.ne(one, one));
    store<u8>(q, <u8>i32x4.extract_lane(integers(one, low, top, base), 0));
  }
  return !v128.any_true(odd);
}

/** A row with NaN or, in steps that are infinite, infinity: NaN counts as 0. Whether the row itself has none. */
function quantizeOdd(x: usize, q: usize, cols: usize, step: f32, high: f32, offset: i32): bool {
  const top = high - <f32>offset;
  let clean = true;
  for (const end = q + cols; q < end; q++, x += 4) {
    const value = load<f32>(x);
    const quotient = value / step;
    if (value != value) clean = false;
    const kept = quotient == quotient ? max<f32>(-(<f32>offset), min<f32>(top, nearest<f32>(quotient))) : 0;
    store<u8>(q, <u8>(<i32>kept + offset));
  }
  return clean;
}

/** Four results, of which the first n are there. */
@inline
function rescaled(sum: usize, s: v128, z: v128, scales: usize, weights: usize, bias: usize, n: usize, biased: usize): v128 {
  const whole = i32x4.sub(loadLanes(sum, n), i32x4.mul(z, loadLanes(weights, n)));
  const v = f32x4.mul(f32x4.convert_i32x4_s(whole), f32x4.mul(s, loadLanes(scales, n)));
  return biased ? f32x4.add(v, loadLanes(bias, n)) : v;
}

export function rescaleRows(
  y: usize, sum: usize, scale: usize, zero: usize, scales: usize, weights: usize, bias: usize,
  rows: usize, cols: usize, biased: usize,
): void {
  const whole = (cols & ~3) << 2;
  for (let r: usize = 0; r < rows; r++, sum += cols << 2, y += cols << 2) {
    const s = v128.load32_splat(scale + (r << 2));
    const z = i32x4.splat(<i32>load<u8>(zero + r));
    let at: usize = 0;
    for (; at < whole; at += 16) {
      v128.store(y + at, rescaled(sum + at, s, z, scales + at, weights + at, bias + at, 4, biased));
    }
    const n = cols & 3;
    if (n) storeLanes(y + at, rescaled(sum + at, s, z, scales + at, weights + at, bias + at, n, biased), n);
  }
}
