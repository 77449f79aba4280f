// y = f(a, b) over a matrix. An operation is a class with one inlined method `of(a, b)` on vectors; it has no
// fields and is never constructed: changetype<T>(0) only tells the compiler which method to inline.

import { gatherLanes, loadLanes, storeLanes } from "./lanes.simd";
import { scratch } from "./scratch.simd";
import { copyRow, gatherRows, isTransposed, TILE_BYTES, TILE_COLS, TILE_ROW, TILE_ROWS } from "./strided.simd";

/**
 * Strides are in elements, y is contiguous. Rows in which each operand is contiguous (stride 1) or constant (stride 0)
 * run at full speed, transposed operands by way of tiles; what is left gathers lane by lane.
 */
@inline
export function zip<T>(
  a: usize,
  b: usize,
  y: usize,
  rows: usize,
  cols: usize,
  aRow: usize,
  aCol: usize,
  bRow: usize,
  bCol: usize,
): void {
  // Operands that go on from row to row as they do within one make the matrix a single long row.
  if (aRow == aCol * cols && bRow == bCol * cols) {
    if (rows > 0) zipRow<T>(a, b, y, rows * cols, aCol, bCol);
  } else if (isTransposed(cols, aRow, aCol) || isTransposed(cols, bRow, bCol)) {
    zipTiles<T>(a, b, y, rows, cols, aRow, aCol, bRow, bCol);
  } else if (cols < SHORT && rows > 1 && aCol == 1 && bCol == 1 && aRow == cols && bRow == 0) {
    zipRepeated<T>(a, b, y, rows, cols);
  } else {
    for (let r: usize = 0; r < rows; r++) {
      zipRow<T>(a, b, y, cols, aCol, bCol);
      a += aRow << 2;
      b += bRow << 2;
      y += cols << 2;
    }
  }
}

@inline
function zipRow<T>(a: usize, b: usize, y: usize, n: usize, aCol: usize, bCol: usize): void {
  if (aCol > 1 || bCol > 1) gatherRow<T>(a, b, y, n, aCol << 2, bCol << 2);
  else if (bCol == 0) rowAndConstant<T>(a, b, y, n, aCol);
  else if (aCol == 0) constantAndRow<T>(a, b, y, n);
  else rowAndRow<T>(a, b, y, n);
}

/** Rows that are not worth a loop of their own: a row vector b (a bias) is repeated in scratch up to REPEATED elements. */
const SHORT: usize = 64;
const REPEATED: usize = 512;

function zipRepeated<T>(a: usize, b: usize, y: usize, rows: usize, cols: usize): void {
  const times = min(rows, REPEATED / cols);
  const bytes = cols << 2;
  for (let i: usize = 0; i < times; i++) copyRow(b, scratch + i * bytes, cols);
  for (; rows > 0; a += times * bytes, y += times * bytes) {
    const count = min(times, rows);
    rowAndRow<T>(a, scratch, y, count * cols);
    rows -= count;
  }
}

/** Whichever operand is transposed is turned round tile by tile, in scratch. */
function zipTiles<T>(
  a: usize,
  b: usize,
  y: usize,
  rows: usize,
  cols: usize,
  aRow: usize,
  aCol: usize,
  bRow: usize,
  bCol: usize,
): void {
  const aTurned = isTransposed(cols, aRow, aCol);
  const bTurned = isTransposed(cols, bRow, bCol);
  for (let r: usize = 0; r < rows; r += TILE_ROWS) {
    const height = min(TILE_ROWS, rows - r);
    for (let c: usize = 0; c < cols; c += TILE_COLS) {
      const width = min(TILE_COLS, cols - c);
      let fromA = a + ((r * aRow + c * aCol) << 2);
      let fromB = b + ((r * bRow + c * bCol) << 2);
      if (aTurned) fromA = turned(fromA, scratch, height, width, aCol);
      if (bTurned) fromB = turned(fromB, scratch + TILE_BYTES, height, width, bCol);
      const aStep = aTurned ? TILE_ROW : aRow << 2;
      const bStep = bTurned ? TILE_ROW : bRow << 2;
      for (let i: usize = 0; i < height; i++) {
        const to = y + (((r + i) * cols + c) << 2);
        zipRow<T>(fromA + i * aStep, fromB + i * bStep, to, width, aTurned ? 1 : aCol, bTurned ? 1 : bCol);
      }
    }
  }
}

function turned(x: usize, tile: usize, height: usize, width: usize, col: usize): usize {
  gatherRows(x, tile, height, width, 4, col << 2, TILE_ROW);
  return tile;
}

function rowAndRow<T>(a: usize, b: usize, y: usize, n: usize): void {
  const f = changetype<T>(0);
  for (; n >= 16; n -= 16, a += 64, b += 64, y += 64) {
    const y0 = f.of(v128.load(a), v128.load(b));
    const y1 = f.of(v128.load(a, 16), v128.load(b, 16));
    const y2 = f.of(v128.load(a, 32), v128.load(b, 32));
    const y3 = f.of(v128.load(a, 48), v128.load(b, 48));
    v128.store(y, y0);
    v128.store(y, y1, 16);
    v128.store(y, y2, 32);
    v128.store(y, y3, 48);
  }
  for (; n >= 4; n -= 4, a += 16, b += 16, y += 16) v128.store(y, f.of(v128.load(a), v128.load(b)));
  if (n) storeLanes(y, f.of(loadLanes(a, n), loadLanes(b, n)), n);
}

function rowAndConstant<T>(a: usize, b: usize, y: usize, n: usize, aCol: usize): void {
  const f = changetype<T>(0);
  if (n == 0) return;
  const constant = v128.load32_splat(b);
  if (aCol == 0) {
    const value = f.of(v128.load32_splat(a), constant);
    for (; n >= 4; n -= 4, y += 16) v128.store(y, value);
    if (n) storeLanes(y, value, n);
    return;
  }
  for (; n >= 16; n -= 16, a += 64, y += 64) {
    const y0 = f.of(v128.load(a), constant);
    const y1 = f.of(v128.load(a, 16), constant);
    const y2 = f.of(v128.load(a, 32), constant);
    const y3 = f.of(v128.load(a, 48), constant);
    v128.store(y, y0);
    v128.store(y, y1, 16);
    v128.store(y, y2, 32);
    v128.store(y, y3, 48);
  }
  for (; n >= 4; n -= 4, a += 16, y += 16) v128.store(y, f.of(v128.load(a), constant));
  if (n) storeLanes(y, f.of(loadLanes(a, n), constant), n);
}

function constantAndRow<T>(a: usize, b: usize, y: usize, n: usize): void {
  const f = changetype<T>(0);
  if (n == 0) return;
  const constant = v128.load32_splat(a);
  for (; n >= 16; n -= 16, b += 64, y += 64) {
    const y0 = f.of(constant, v128.load(b));
    const y1 = f.of(constant, v128.load(b, 16));
    const y2 = f.of(constant, v128.load(b, 32));
    const y3 = f.of(constant, v128.load(b, 48));
    v128.store(y, y0);
    v128.store(y, y1, 16);
    v128.store(y, y2, 32);
    v128.store(y, y3, 48);
  }
  for (; n >= 4; n -= 4, b += 16, y += 16) v128.store(y, f.of(constant, v128.load(b)));
  if (n) storeLanes(y, f.of(constant, loadLanes(b, n)), n);
}

function gatherRow<T>(a: usize, b: usize, y: usize, n: usize, aStep: usize, bStep: usize): void {
  const f = changetype<T>(0);
  for (; n >= 4; n -= 4, y += 16) {
    v128.store(y, f.of(gatherLanes(a, aStep, 4), gatherLanes(b, bStep, 4)));
    a += aStep << 2;
    b += bStep << 2;
  }
  if (n) storeLanes(y, f.of(gatherLanes(a, aStep, n), gatherLanes(b, bStep, n)), n);
}
