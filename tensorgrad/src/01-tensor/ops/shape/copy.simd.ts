import { scratch } from "../../../00-runtime/simd/scratch.simd";
import {
  copyRows, gatherRows, isTransposed, scatter, TILE_COLS, TILE_ROW, TILE_ROWS,
} from "../../../00-runtime/simd/strided.simd";

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
  else if (yCol == 1) intoRows(x, y, rows, cols, xRow, xCol, yRow << 2);
  else if (yRow == 1) intoRows(x, y, cols, rows, xCol, xRow, yCol << 2); // both transposed
  else scatter(x, y, rows, cols, xRow << 2, xCol << 2, yRow << 2, yCol << 2);
}

/** Where x is transposed, tile by tile: rows of y that lie a power of two apart would drive each other out of the cache. */
function intoRows(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize, yRow: usize): void {
  if (!isTransposed(cols, xRow, xCol)) {
    gatherRows(x, y, rows, cols, xRow << 2, xCol << 2, yRow);
    return;
  }
  for (let r: usize = 0; r < rows; r += TILE_ROWS) {
    const height = min(TILE_ROWS, rows - r);
    for (let c: usize = 0; c < cols; c += TILE_COLS) {
      const width = min(TILE_COLS, cols - c);
      gatherRows(x + ((r + c * xCol) << 2), scratch, height, width, 4, xCol << 2, TILE_ROW);
      copyRows(scratch, y + r * yRow + (c << 2), height, width, TILE_ROW, yRow);
    }
  }
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
