// y = f(x) over a matrix. An operation is a class with one inlined method `of(x)` on vectors; it has no
// fields and is never constructed: changetype<T>(0) only tells the compiler which method to inline.

import { gatherLanes, loadLanes, storeLanes } from "./lanes.simd";
import { scratch } from "./scratch.simd";
import { gatherRows, isTransposed, TILE_COLS, TILE_ROW, TILE_ROWS } from "./strided.simd";

/** Whether a matrix with adjacent columns (or a constant one) is one long row; of a single row the stride does not matter. */
@inline
function isSingleRow(rows: usize, cols: usize, xRow: usize, xCol: usize): bool {
  return rows <= 1 || xRow == xCol * cols;
}

/**
 * For operations of a few instructions: four vectors at a time, so that memory sets the pace, not the loop.
 */
@inline
export function mapLight<T>(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  const single = isSingleRow(rows, cols, xRow, xCol);
  if (!single && isTransposed(cols, xRow, xCol)) {
    mapTiles<T>(x, y, rows, cols, xCol << 2);
    return;
  }
  const length = single ? rows * cols : cols;
  const count = single ? min<usize>(rows, 1) : rows;
  for (let r: usize = 0; r < count; r++, x += xRow << 2, y += length << 2) {
    if (xCol == 1) lightRow<T>(x, y, length);
    else gatherRow<T>(x, y, length, xCol << 2);
  }
}

/** For operations of many instructions: three vectors at a time, whose chains of dependent steps overlap. */
@inline
export function map<T>(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  const single = isSingleRow(rows, cols, xRow, xCol);
  const length = single ? rows * cols : cols;
  const count = single ? min<usize>(rows, 1) : rows;
  for (let r: usize = 0; r < count; r++, x += xRow << 2, y += length << 2) {
    if (xCol == 1) row<T>(x, y, length);
    else gatherRow<T>(x, y, length, xCol << 2);
  }
}

/** As map, but two vectors at a time: for chains that need so many registers that three of them spill. */
@inline
export function mapPairs<T>(x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize): void {
  if (!isSingleRow(rows, cols, xRow, xCol) || xCol != 1) {
    map<T>(x, y, rows, cols, xRow, xCol);
    return;
  }
  const f = changetype<T>(0);
  let n = rows * cols;
  for (; n >= 8; n -= 8, x += 32, y += 32) {
    const y0 = f.of(v128.load(x));
    const y1 = f.of(v128.load(x, 16));
    v128.store(y, y0);
    v128.store(y, y1, 16);
  }
  row<T>(x, y, n);
}

/** Numbers that one look decides about: a few cache lines, and whole turns of both loops. */
const BLOCK: usize = 240;

/**
 * Whether |x| < limit throughout a block; no for a NaN. The bits of floats are in order: as signed integers those of positive numbers,
 * as unsigned ones those of negative numbers, which come after all others.
 */
function isNear(x: usize, limit: usize): bool {
  let above = v128.load(x);
  let below = above;
  for (const end = x + (BLOCK << 2); x < end; x += 32) {
    above = i32x4.max_s(i32x4.max_s(above, v128.load(x)), v128.load(x, 16));
    below = i32x4.max_u(i32x4.max_u(below, v128.load(x)), v128.load(x, 16));
  }
  return areBelow(above, below, limit);
}

@inline
function areBelow(above: v128, below: v128, limit: usize): bool {
  const size = i32x4.max_s(above, f32x4.abs(below));
  return !v128.any_true(i32x4.ge_s(size, v128.load32_splat(limit)));
}

/**
 * As map, for operations with a quicker form `near` that gives the same bits where |x| < limit. One look decides for a block: a
 * branch at every vector would take as long as what it saves.
 */
@inline
export function mapNear<T>(
  x: usize, y: usize, rows: usize, cols: usize, xRow: usize, xCol: usize, limit: usize,
): void {
  if (!isSingleRow(rows, cols, xRow, xCol) || xCol != 1) {
    map<T>(x, y, rows, cols, xRow, xCol);
    return;
  }
  let n = rows * cols;
  for (; n >= BLOCK; n -= BLOCK, x += BLOCK << 2, y += BLOCK << 2) {
    if (isNear(x, limit)) nearBlock<T>(x, y);
    else row<T>(x, y, BLOCK);
  }
  row<T>(x, y, n);
}

function nearBlock<T>(x: usize, y: usize): void {
  const f = changetype<T>(0);
  for (const end = x + (BLOCK << 2); x < end; x += 48, y += 48) {
    const y0 = f.near(v128.load(x));
    const y1 = f.near(v128.load(x, 16));
    const y2 = f.near(v128.load(x, 32));
    v128.store(y, y0);
    v128.store(y, y1, 16);
    v128.store(y, y2, 32);
  }
}

/** A transposed x is turned round tile by tile in scratch: along its rows, every element would touch a cache line. */
function mapTiles<T>(x: usize, y: usize, rows: usize, cols: usize, xCol: usize): void {
  for (let r: usize = 0; r < rows; r += TILE_ROWS) {
    const height = min(TILE_ROWS, rows - r);
    for (let c: usize = 0; c < cols; c += TILE_COLS) {
      const width = min(TILE_COLS, cols - c);
      gatherRows(x + (r << 2) + c * xCol, scratch, height, width, 4, xCol, TILE_ROW);
      const to = y + ((r * cols + c) << 2);
      for (let i: usize = 0; i < height; i++) lightRow<T>(scratch + i * TILE_ROW, to + ((i * cols) << 2), width);
    }
  }
}

function row<T>(x: usize, y: usize, n: usize): void {
  const f = changetype<T>(0);
  for (; n >= 12; n -= 12, x += 48, y += 48) {
    const y0 = f.of(v128.load(x));
    const y1 = f.of(v128.load(x, 16));
    const y2 = f.of(v128.load(x, 32));
    v128.store(y, y0);
    v128.store(y, y1, 16);
    v128.store(y, y2, 32);
  }
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f.of(v128.load(x)));
  if (n) storeLanes(y, f.of(loadLanes(x, n)), n);
}

function lightRow<T>(x: usize, y: usize, n: usize): void {
  const f = changetype<T>(0);
  for (; n >= 16; n -= 16, x += 64, y += 64) {
    const y0 = f.of(v128.load(x));
    const y1 = f.of(v128.load(x, 16));
    const y2 = f.of(v128.load(x, 32));
    const y3 = f.of(v128.load(x, 48));
    v128.store(y, y0);
    v128.store(y, y1, 16);
    v128.store(y, y2, 32);
    v128.store(y, y3, 48);
  }
  for (; n >= 4; n -= 4, x += 16, y += 16) v128.store(y, f.of(v128.load(x)));
  if (n) storeLanes(y, f.of(loadLanes(x, n)), n);
}

function gatherRow<T>(x: usize, y: usize, n: usize, step: usize): void {
  const f = changetype<T>(0);
  for (; n >= 4; n -= 4, x += step << 2, y += 16) v128.store(y, f.of(gatherLanes(x, step, 4)));
  if (n) storeLanes(y, f.of(gatherLanes(x, step, n)), n);
}

/** dx = f(saved, g), all contiguous: gradients that are computed from what the forward pass kept. */
@inline
export function chain<T>(saved: usize, g: usize, dx: usize, n: usize): void {
  const f = changetype<T>(0);
  for (; n >= 4; n -= 4, saved += 16, g += 16, dx += 16) {
    v128.store(dx, f.of(v128.load(saved), v128.load(g)));
  }
  if (n) storeLanes(dx, f.of(loadLanes(saved, n), loadLanes(g, n)), n);
}

/** As chain, for operations with a quicker form `near` that gives the same bits where |saved| < limit. */
@inline
export function chainNear<T>(saved: usize, g: usize, dx: usize, n: usize, limit: usize): void {
  const f = changetype<T>(0);
  for (; n >= 8; n -= 8, saved += 32, g += 32, dx += 32) {
    const x0 = v128.load(saved);
    const x1 = v128.load(saved, 16);
    if (areBelow(i32x4.max_s(x0, x1), i32x4.max_u(x0, x1), limit)) {
      v128.store(dx, f.near(x0, v128.load(g)));
      v128.store(dx, f.near(x1, v128.load(g, 16)), 16);
    } else restOfChain<T>(saved, g, dx, 8);
  }
  restOfChain<T>(saved, g, dx, n);
}

function restOfChain<T>(saved: usize, g: usize, dx: usize, n: usize): void {
  chain<T>(saved, g, dx, n);
}
