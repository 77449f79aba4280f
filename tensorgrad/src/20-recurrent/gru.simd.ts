import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { madd, msub } from "../00-runtime/simd/madd.simd";
import { sigmoid } from "../00-runtime/simd/sigmoid.simd";
import { tanh } from "../00-runtime/simd/simd-math.simd";

// Four numbers at a time, one row after the other; threads take some of the rows each.

export function gruStep(
  gates: usize, hidden: usize, h: usize, candidate: usize, next: usize, rows: usize, cols: usize,
): void {
  const block = cols << 2;
  for (; rows > 0; rows--) {
    let n = cols;
    for (; n >= 4; n -= 4, gates += 16, hidden += 16, h += 16, candidate += 16, next += 16) {
      numbersOf(gates, hidden, h, candidate, next, block, 4);
    }
    if (n) numbersOf(gates, hidden, h, candidate, next, block, n);
    const rest = n << 2;
    gates += 2 * block + rest;
    hidden += 2 * block + rest;
    h += rest;
    candidate += rest;
    next += rest;
  }
}

@inline
function numbersOf(
  gates: usize, hidden: usize, h: usize, candidate: usize, next: usize, block: usize, k: usize,
): void {
  const r = sigmoid(f32x4.add(loadLanes(gates, k), loadLanes(hidden, k)));
  const z = sigmoid(f32x4.add(loadLanes(gates + block, k), loadLanes(hidden + block, k)));
  const q = loadLanes(hidden + 2 * block, k);
  const n = tanh(madd(r, q, loadLanes(gates + 2 * block, k)));
  storeLanes(gates, r, k);
  storeLanes(gates + block, z, k);
  storeLanes(gates + 2 * block, n, k);
  storeLanes(candidate, q, k);
  storeLanes(next, madd(z, loadLanes(h, k), msub(z, n, n)), k);
}

/** The slope of σ, by its value: y·(1 − y). */
@inline
function slope(y: v128): v128 {
  return msub(y, y, y);
}

export function gruGrad(
  gates: usize, candidate: usize, h: usize, gy: usize, dh: usize, dx: usize, dr: usize, dhBefore: usize,
  rows: usize, cols: usize,
): void {
  const block = cols << 2;
  let at: usize = 0;
  for (; rows > 0; rows--) {
    let n = cols;
    for (; n >= 4; n -= 4, at += 16, gates += 16, dx += 16, dr += 16) {
      gradOfNumbers(gates, candidate + at, h + at, gy + at, dh + at, dx, dr, dhBefore + at, block, 4);
    }
    if (n) gradOfNumbers(gates, candidate + at, h + at, gy + at, dh + at, dx, dr, dhBefore + at, block, n);
    const rest = n << 2;
    at += rest;
    gates += 2 * block + rest;
    dx += 2 * block + rest;
    dr += 2 * block + rest;
  }
}

@inline
function gradOfNumbers(
  gates: usize, candidate: usize, h: usize, gy: usize, dh: usize, dx: usize, dr: usize, dhBefore: usize,
  block: usize, k: usize,
): void {
  const one = f32x4.splat(1);
  const r = loadLanes(gates, k);
  const z = loadLanes(gates + block, k);
  const n = loadLanes(gates + 2 * block, k);
  const g = f32x4.add(loadLanes(gy, k), loadLanes(dh, k));
  const toN = f32x4.mul(msub(z, g, g), msub(n, n, one));
  const toR = f32x4.mul(f32x4.mul(toN, loadLanes(candidate, k)), slope(r));
  const toZ = f32x4.mul(f32x4.mul(g, f32x4.sub(loadLanes(h, k), n)), slope(z));
  storeLanes(dx, toR, k);
  storeLanes(dx + block, toZ, k);
  storeLanes(dx + 2 * block, toN, k);
  storeLanes(dr, toR, k);
  storeLanes(dr + block, toZ, k);
  storeLanes(dr + 2 * block, f32x4.mul(toN, r), k);
  storeLanes(dhBefore, f32x4.mul(g, z), k);
}
