// Reductions of rows: y[r] from x[r·xRow + c·xCol] over c. Two layouts are vectorised: adjacent columns (lanes run
// along the row, and are combined at its end) and adjacent rows (each lane is a row of its own, as in the sum
// over a batch). Others go element by element. Strides are in bytes except in the exported functions.

import { BLOCK, maxOfRow, minOfRow, sumOfRow } from "../../00-runtime/rows.simd";
import { scratch } from "../../00-runtime/scratch.simd";

export function sum(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  if (xCol == 1) {
    for (let r: usize = 0; r < rows; r++) store<f32>(y + (r << 2), sumOfRow(x + ((r * xRow) << 2), cols));
    return;
  }
  let r: usize = 0;
  if (xRow == 1) {
    for (; r + 16 <= rows; r += 16) {
      sumOfStrip(x + (r << 2), cols, xCol << 2, scratch);
      memory.copy(y + (r << 2), scratch, 64);
    }
  }
  for (; r < rows; r++) store<f32>(y + (r << 2), sumOfStrided(x + ((r * xRow) << 2), cols, xCol << 2));
}

/** Sixteen sums side by side, written to `out`; the second half of a long sum goes to the 64 bytes after it. */
function sumOfStrip(x: usize, n: usize, step: usize, out: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  if (n > BLOCK) {
    const half = n >> 1;
    const second = out + 64;
    sumOfStrip(x, half, step, out);
    sumOfStrip(x + half * step, n - half, step, second);
    s0 = f32x4.add(v128.load(out), v128.load(second));
    s1 = f32x4.add(v128.load(out, 16), v128.load(second, 16));
    s2 = f32x4.add(v128.load(out, 32), v128.load(second, 32));
    s3 = f32x4.add(v128.load(out, 48), v128.load(second, 48));
  } else {
    for (; n > 0; n--, x += step) {
      s0 = f32x4.add(s0, v128.load(x));
      s1 = f32x4.add(s1, v128.load(x, 16));
      s2 = f32x4.add(s2, v128.load(x, 32));
      s3 = f32x4.add(s3, v128.load(x, 48));
    }
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(out, s2, 32);
  v128.store(out, s3, 48);
}

/** The same order of additions as one lane of sumOfStrip: a row's sum does not depend on its neighbours. */
function sumOfStrided(x: usize, n: usize, step: usize): f32 {
  if (n > BLOCK) {
    const half = n >> 1;
    return sumOfStrided(x, half, step) + sumOfStrided(x + half * step, n - half, step);
  }
  let total: f32 = 0;
  for (; n > 0; n--, x += step) total += load<f32>(x);
  return total;
}

export function prod(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  for (let r: usize = 0; r < rows; r++) {
    let from = x + ((r * xRow) << 2);
    let product: f64 = 1; // the range of float32 would overflow half-way
    for (let n = cols; n > 0; n--, from += xCol << 2) product *= load<f32>(from);
    store<f32>(y + (r << 2), <f32>product);
  }
}

export function max(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  let r: usize = 0;
  if (xRow == 1 && xCol != 1) {
    for (; r + 4 <= rows; r += 4) {
      let from = x + (r << 2);
      let largest = f32x4.splat(-Infinity);
      for (let n = cols; n > 0; n--, from += xCol << 2) largest = f32x4.max(largest, v128.load(from));
      v128.store(y + (r << 2), largest);
    }
  }
  for (; r < rows; r++) store<f32>(y + (r << 2), maxOfRow(x + ((r * xRow) << 2), cols, xCol << 2));
}

export function min(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  let r: usize = 0;
  if (xRow == 1 && xCol != 1) {
    for (; r + 4 <= rows; r += 4) {
      let from = x + (r << 2);
      let smallest = f32x4.splat(Infinity);
      for (let n = cols; n > 0; n--, from += xCol << 2) smallest = f32x4.min(smallest, v128.load(from));
      v128.store(y + (r << 2), smallest);
    }
  }
  for (; r < rows; r++) store<f32>(y + (r << 2), minOfRow(x + ((r * xRow) << 2), cols, xCol << 2));
}

/** The place of the extreme value is found in a second pass: its first occurrence, or the first NaN. */
@inline
function positionOf(x: usize, n: usize, step: usize, value: f32): i32 {
  for (let i: usize = 0; i < n; i++) {
    const element = load<f32>(x + i * step);
    if (element == value || element != element) return <i32>i;
  }
  return 0;
}

export function argmax(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  for (let r: usize = 0; r < rows; r++) {
    const from = x + ((r * xRow) << 2);
    store<i32>(y + (r << 2), positionOf(from, cols, xCol << 2, maxOfRow(from, cols, xCol << 2)));
  }
}

export function argmin(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  for (let r: usize = 0; r < rows; r++) {
    const from = x + ((r * xRow) << 2);
    store<i32>(y + (r << 2), positionOf(from, cols, xCol << 2, minOfRow(from, cols, xCol << 2)));
  }
}
