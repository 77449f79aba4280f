// Moving strided matrices of 4-byte elements. All strides are in bytes here.

/** y[r, c] = x[r, c] for a y with adjacent columns: what packing a matrix product's operands needs. */
export function gatherRows(
  x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize, yRow: usize,
): void {
  if (xCol == 4) copyRows(x, y, rows, cols, xRow, yRow);
  else if (xRow == 4) transpose(x, y, rows, cols, xCol, yRow);
  else scatter(x, y, rows, cols, xRow, xCol, yRow, 4);
}

/** A tile of an operand that is brought into rows, in scratch: a cache line of rows, so that x is read line by line. */
export const TILE_ROWS: usize = 16;
export const TILE_COLS: usize = 64;
export const TILE_ROW: usize = TILE_COLS * 4;
export const TILE_BYTES: usize = TILE_ROWS * TILE_ROW;

/** Whether a matrix (strides in elements) has adjacent rows instead of columns, and is worth turning round in tiles. */
@inline
export function isTransposed(cols: usize, row: usize, col: usize): bool {
  return row == 1 && col > 1 && cols >= 16;
}

/** Element by element: any strides, and the ragged edges of the other ways. */
export function scatter(
  x: usize,
  y: usize,
  rows: usize,
  cols: usize,
  xRow: usize,
  xCol: usize,
  yRow: usize,
  yCol: usize,
): void {
  for (let r: usize = 0; r < rows; r++) {
    let from = x + r * xRow;
    let to = y + r * yRow;
    for (let c: usize = 0; c < cols; c++, from += xCol, to += yCol) store<u32>(to, load<u32>(from));
  }
}

/** Steps in bytes. */
export function copyRows(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, yRow: usize): void {
  if (cols == 16) {
    for (let r: usize = 0; r < rows; r++, x += xRow, y += yRow) {
      v128.store(y, v128.load(x));
      v128.store(y, v128.load(x, 16), 16);
      v128.store(y, v128.load(x, 32), 32);
      v128.store(y, v128.load(x, 48), 48);
    }
  } else {
    for (let r: usize = 0; r < rows; r++, x += xRow, y += yRow) copyRow(x, y, cols);
  }
}

/** Short rows are copied here: calling memory.copy costs as much as a hundred elements. */
@inline
export function copyRow(x: usize, y: usize, n: usize): void {
  if (n >= 128) {
    memory.copy(y, x, n << 2);
    return;
  }
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, v128.load(x));
  for (; n > 0; n--, x += 4, y += 4) store<u32>(y, load<u32>(x));
}

/** Rows that are transposed together: the cache line that a column of x gives is used up at once. */
const LINE: usize = 16;

/** x has adjacent rows, y adjacent columns: blocks of 4 by 4 change sides in registers. */
function transpose(x: usize, y: usize, rows: usize, cols: usize, xCol: usize, yRow: usize): void {
  const fullRows = rows & ~3;
  const fullCols = cols & ~3;
  for (let top: usize = 0; top < fullRows; top += LINE) {
    const bottom = min(top + LINE, fullRows);
    for (let c: usize = 0; c < fullCols; c += 4) {
      const from = x + c * xCol;
      for (let r = top; r < bottom; r += 4) transpose4(from + (r << 2), y + r * yRow + (c << 2), xCol, yRow);
    }
  }
  // What is left: columns on the right, rows at the bottom.
  scatter(x + fullCols * xCol, y + (fullCols << 2), fullRows, cols - fullCols, 4, xCol, yRow, 4);
  scatter(x + (fullRows << 2), y + fullRows * yRow, rows - fullRows, cols, 4, xCol, yRow, 4);
}

@inline
function transpose4(x: usize, y: usize, xCol: usize, yRow: usize): void {
  const x0 = v128.load(x);
  const x1 = v128.load(x + xCol);
  const x2 = v128.load(x + 2 * xCol);
  const x3 = v128.load(x + 3 * xCol);
  const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
  v128.store(y, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(y + yRow, v128.shuffle<i64>(low01, low23, 1, 3));
  v128.store(y + 2 * yRow, v128.shuffle<i64>(high01, high23, 0, 2));
  v128.store(y + 3 * yRow, v128.shuffle<i64>(high01, high23, 1, 3));
}
