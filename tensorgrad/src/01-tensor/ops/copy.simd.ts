import { gatherRows, scatter } from "../../00-runtime/strided.simd";

/** Between float32 arrays (or any two of one 4-byte type). */
export function copy(
  x: usize,
  y: usize,
  rows: usize,
  cols: usize,
  xRow: usize,
  xCol: usize,
  yRow: usize,
  yCol: usize,
): void {
  if (xCol == 1 && yCol == 1 && xRow == cols && yRow == cols) memory.copy(y, x, (rows * cols) << 2);
  else if (yCol == 1) gatherRows(x, y, rows, cols, xRow << 2, xCol << 2, yRow << 2);
  else if (yRow == 1) gatherRows(x, y, cols, rows, xCol << 2, xRow << 2, yCol << 2); // both transposed
  else scatter(x, y, rows, cols, xRow << 2, xCol << 2, yRow << 2, yCol << 2);
}

export function fill(y: usize, n: usize, value: f32): void {
  const v = f32x4.splat(value);
  for (; n >= 4; n -= 4, y += 16) v128.store(y, v);
  for (; n > 0; n--, y += 4) store<f32>(y, value);
}

export function addTo(x: usize, y: usize, n: usize): void {
  for (; n >= 16; n -= 16, x += 64, y += 64) {
    const y0 = f32x4.add(v128.load(y), v128.load(x));
    const y1 = f32x4.add(v128.load(y, 16), v128.load(x, 16));
    const y2 = f32x4.add(v128.load(y, 32), v128.load(x, 32));
    const y3 = f32x4.add(v128.load(y, 48), v128.load(x, 48));
    v128.store(y, y0);
    v128.store(y, y1, 16);
    v128.store(y, y2, 32);
    v128.store(y, y3, 48);
  }
  for (; n > 0; n--, x += 4, y += 4) store<f32>(y, load<f32>(y) + load<f32>(x));
}
