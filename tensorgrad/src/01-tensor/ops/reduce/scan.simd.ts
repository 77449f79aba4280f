import { scratch } from "../../../00-runtime/simd/scratch.simd";
import { copyRow } from "../../../00-runtime/simd/strided.simd";

// Running sums are kept in float64, as the reference does: after a million terms float32 would have lost half
// of its digits.

/** Sums side by side, for which scratch has room. */
const MAX_WIDTH: usize = 1024;

export function cumsum(x: usize, y: usize, outer: usize, n: usize, inner: usize, reverse: usize): void {
  const bytes = (n * inner) << 2;
  for (let o: usize = 0; o < outer; o++, x += bytes, y += bytes) {
    if (inner != 1) sumsOfColumns(x, y, n, inner, reverse);
    else if (reverse) sumsFromTheEnd(x, y, n);
    else sumsOfLine(x, y, n);
  }
}

/** Both halves of a vector as float64. */
@inline
function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

@inline
function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
}

/** Of (a, b): (a, a + b). */
@inline
function prefix(v: v128): v128 {
  return f64x2.add(v, v128.shuffle<i64>(f64x2.splat(0), v, 0, 2));
}

@inline
function join(first: v128, second: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(first), f32x4.demote_f64x2_zero(second), 0, 2);
}

/**
 * Four elements at a time: their own running sums do not wait for the sum so far, which is added last. So
 * each round waits for a single addition, not for four.
 */
function sumsOfLine(x: usize, y: usize, n: usize): void {
  let sum = f64x2.splat(0); // the sum so far, twice
  for (; n >= 4; n -= 4, x += 16, y += 16) {
    const v = v128.load(x);
    const first = prefix(low(v));
    const pair = v128.shuffle<i64>(first, first, 1, 1);
    const second = f64x2.add(prefix(high(v)), pair);
    v128.store(y, join(f64x2.add(sum, first), f64x2.add(sum, second)));
    sum = f64x2.add(sum, v128.shuffle<i64>(second, second, 1, 1));
  }
  let total = f64x2.extract_lane(sum, 0);
  for (; n > 0; n--, x += 4, y += 4) {
    total += <f64>load<f32>(x);
    store<f32>(y, <f32>total);
  }
}

/** One after the other: this is the gradient's direction, which no model here spends time on. */
function sumsFromTheEnd(x: usize, y: usize, n: usize): void {
  let sum: f64 = 0;
  for (let i = n << 2; i > 0; ) {
    i -= 4;
    sum += <f64>load<f32>(x + i);
    store<f32>(y + i, <f32>sum);
  }
}

/**
 * Row after row, as memory lies, with the sums so far in scratch: the rows are read as fast as they are
 * copied.
 */
function sumsOfColumns(x: usize, y: usize, n: usize, inner: usize, reverse: usize): void {
  const row = inner << 2;
  for (let c: usize = 0; c < inner; c += MAX_WIDTH) {
    const width = min(MAX_WIDTH, inner - c);
    memory.fill(scratch, 0, width << 3);
    for (let j: usize = 0; j < n; j++) {
      const at = (reverse ? n - 1 - j : j) * row + (c << 2);
      addRow(x + at, y + at, width);
    }
  }
}

@inline
function addRow(x: usize, y: usize, n: usize): void {
  let sums = scratch;
  for (; n >= 4; n -= 4, x += 16, y += 16, sums += 32) {
    const v = v128.load(x);
    const first = f64x2.add(v128.load(sums), low(v));
    const second = f64x2.add(v128.load(sums, 16), high(v));
    v128.store(sums, first);
    v128.store(sums, second, 16);
    v128.store(y, join(first, second));
  }
  for (; n > 0; n--, x += 4, y += 4, sums += 8) {
    const sum = load<f64>(sums) + <f64>load<f32>(x);
    store<f64>(sums, sum);
    store<f32>(y, <f32>sum);
  }
}

/**
 * Rows of more than one element keep their inner order; only a line of single elements turns its vectors
 * round.
 */
export function flip(x: usize, y: usize, outer: usize, n: usize, inner: usize): void {
  const row = inner << 2;
  for (let o: usize = 0; o < outer; o++) {
    x += n * row;
    if (inner == 1) flipLine(x, y, n);
    else for (let j: usize = 1; j <= n; j++) copyRow(x - j * row, y + (j - 1) * row, inner);
    y += n * row;
  }
}

/** y forwards, x backwards from its end. */
function flipLine(end: usize, y: usize, n: usize): void {
  for (; n >= 4; n -= 4, y += 16) {
    end -= 16;
    const v = v128.load(end);
    v128.store(y, v128.shuffle<i32>(v, v, 3, 2, 1, 0));
  }
  for (; n > 0; n--, y += 4) {
    end -= 4;
    store<u32>(y, load<u32>(end));
  }
}
