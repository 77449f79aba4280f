// Reductions of rows: y[r] from x[r·xRow + c·xCol] over c. Two layouts are vectorised: adjacent columns
// (lanes run along the row, and are combined at its end) and adjacent rows (each lane is a row of its own, as
// in a sum over the batch). Others go element by element. Strides are in bytes except in the exported
// functions.

import { maxOfRow, minOfRow, SHORT, sumOfRow, sumOfShortRows } from "../../../00-runtime/simd/rows.simd";
import { sumColumns, sumOfStrided } from "../../../00-runtime/simd/columns.simd";

export function sum(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  if (xCol == 1 && cols < SHORT) sumOfShortRows(x, y, rows, cols, xRow << 2);
  else if (xCol == 1) {
    for (let r: usize = 0; r < rows; r++) store<f32>(y + (r << 2), sumOfRow(x + ((r * xRow) << 2), cols));
  } else if (xRow == 1) sumColumns(x, y, rows, cols, xCol << 2);
  else {
    for (let r: usize = 0; r < rows; r++) {
      store<f32>(y + (r << 2), sumOfStrided(x + ((r * xRow) << 2), cols, xCol << 2));
    }
  }
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
function positionOf(x: usize, n: usize, step: usize, value: f32): i32 {
  let i: usize = 0;
  if (step == 4) {
    const wanted = f32x4.splat(value);
    for (; i + 4 <= n; i += 4) {
      const v = v128.load(x + (i << 2));
      if (v128.any_true(v128.or(f32x4.eq(v, wanted), f32x4.ne(v, v)))) break;
    }
  }
  for (; i < n; i++) {
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
