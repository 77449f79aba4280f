import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { madd, msub } from "../00-runtime/simd/madd.simd";
import { sigmoid } from "../00-runtime/simd/sigmoid.simd";
import { tanh } from "../00-runtime/simd/simd-math.simd";

// Four cells at a time. The chains of the four gates do not depend on each other, so they overlap.

/** One row after the other; threads take some of the rows each. */
export function lstmStep(gates: usize, c: usize, next: usize, h: usize, rows: usize, cols: usize): void {
  const block = cols << 2;
  for (; rows > 0; rows--) {
    let n = cols;
    for (; n >= 4; n -= 4, gates += 16, c += 16, next += 16, h += 16) cellsOf(gates, c, next, h, block, 4);
    if (n) cellsOf(gates, c, next, h, block, n);
    const rest = n << 2;
    gates += 3 * block + rest;
    c += rest;
    next += rest;
    h += rest;
  }
}

@inline
function cellsOf(gates: usize, c: usize, next: usize, h: usize, block: usize, n: usize): void {
  const i = sigmoid(loadLanes(gates, n));
  const f = sigmoid(loadLanes(gates + block, n));
  const g = tanh(loadLanes(gates + 2 * block, n));
  const o = sigmoid(loadLanes(gates + 3 * block, n));
  const cell = madd(f, loadLanes(c, n), f32x4.mul(i, g));
  storeLanes(gates, i, n);
  storeLanes(gates + block, f, n);
  storeLanes(gates + 2 * block, g, n);
  storeLanes(gates + 3 * block, o, n);
  storeLanes(next, cell, n);
  storeLanes(h, f32x4.mul(o, tanh(cell)), n);
}

/** The slope of σ, by its value: y·(1 − y). */
@inline
function slope(y: v128): v128 {
  return msub(y, y, y);
}

/** The hyperbolic tangent of a cell is computed again: cheaper than to keep it. */
export function lstmGrad(
  gates: usize, c: usize, next: usize, gy: usize, dh: usize, dc: usize, dz: usize, dcBefore: usize, rows: usize,
  cols: usize,
): void {
  const block = cols << 2;
  let at: usize = 0;
  for (; rows > 0; rows--) {
    let n = cols;
    for (; n >= 4; n -= 4, at += 16, gates += 16, dz += 16) {
      gradOfCells(gates, c + at, next + at, gy + at, dh + at, dc + at, dz, dcBefore + at, block, 4);
    }
    if (n) gradOfCells(gates, c + at, next + at, gy + at, dh + at, dc + at, dz, dcBefore + at, block, n);
    const rest = n << 2;
    at += rest;
    gates += 3 * block + rest;
    dz += 3 * block + rest;
  }
}

@inline
function gradOfCells(
  gates: usize, c: usize, next: usize, gy: usize, dh: usize, dc: usize, dz: usize, dcBefore: usize, block: usize,
  n: usize,
): void {
  const one = f32x4.splat(1);
  const i = loadLanes(gates, n);
  const f = loadLanes(gates + block, n);
  const g = loadLanes(gates + 2 * block, n);
  const o = loadLanes(gates + 3 * block, n);
  const toH = f32x4.add(loadLanes(gy, n), loadLanes(dh, n));
  const t = tanh(loadLanes(next, n));
  const toC = madd(f32x4.mul(toH, o), msub(t, t, one), loadLanes(dc, n));
  storeLanes(dz, f32x4.mul(f32x4.mul(toC, g), slope(i)), n);
  storeLanes(dz + block, f32x4.mul(f32x4.mul(toC, loadLanes(c, n)), slope(f)), n);
  storeLanes(dz + 2 * block, f32x4.mul(f32x4.mul(toC, i), msub(g, g, one)), n);
  storeLanes(dz + 3 * block, f32x4.mul(f32x4.mul(toH, t), slope(o)), n);
  storeLanes(dcBefore, f32x4.mul(toC, f), n);
}
