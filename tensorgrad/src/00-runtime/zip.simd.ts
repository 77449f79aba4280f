// y = f(a, b) over a matrix. An operation is a class with one inlined method `of(a, b)` on vectors; it has no
// fields and is never constructed: changetype<T>(0) only tells the compiler which method to inline.

import { gatherLanes, loadLanes, storeLanes } from "./lanes.simd";

/**
 * Strides are in elements, y is contiguous. Rows in which each operand is contiguous (stride 1) or constant
 * (stride 0) run at full speed, the others gather lane by lane.
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
  const single = aRow == aCol * cols && bRow == bCol * cols;
  const length = single ? rows * cols : cols;
  const count = single ? min<usize>(rows, 1) : rows;
  for (let r: usize = 0; r < count; r++) {
    if (aCol > 1 || bCol > 1) gatherRow<T>(a, b, y, length, aCol << 2, bCol << 2);
    else if (bCol == 0) rowAndConstant<T>(a, b, y, length, aCol);
    else if (aCol == 0) constantAndRow<T>(a, b, y, length);
    else rowAndRow<T>(a, b, y, length);
    a += aRow << 2;
    b += bRow << 2;
    y += length << 2;
  }
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
