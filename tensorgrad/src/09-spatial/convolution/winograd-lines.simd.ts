// The five transforms of winograd.reference.ts, along one line of vectors (four channels each): from s to d, whose vectors lie so
// many bytes apart. Applied to the columns of a square and then to its rows, they make M·square·Mᵀ. The names end with the
// size of the tile.

import { madd } from "../../00-runtime/simd/madd.simd";

@inline
function times(factor: f32, x: v128): v128 {
  return f32x4.mul(f32x4.splat(factor), x);
}

/** factor·x + sum */
@inline
function plus(factor: f32, x: v128, sum: v128): v128 {
  return madd(f32x4.splat(factor), x, sum);
}

// —————————————————————————————————————————————————————————————————————— tiles of 2 (for images see winograd-tiles.simd.ts)

/** G: 3 → 4 */
@inline
export function filter2(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const w0 = v128.load(s);
  const w1 = v128.load(s + sStep);
  const w2 = v128.load(s + 2 * sStep);
  const outer = f32x4.add(w0, w2);
  v128.store(d, w0);
  v128.store(d + dStep, times(0.5, f32x4.add(outer, w1)));
  v128.store(d + 2 * dStep, times(0.5, f32x4.sub(outer, w1)));
  v128.store(d + 3 * dStep, w2);
}

/** Gᵀ: 4 → 3 */
@inline
export function filterGradient2(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const m1 = v128.load(s + sStep);
  const m2 = v128.load(s + 2 * sStep);
  const half = times(0.5, f32x4.add(m1, m2));
  v128.store(d, f32x4.add(v128.load(s), half));
  v128.store(d + dStep, times(0.5, f32x4.sub(m1, m2)));
  v128.store(d + 2 * dStep, f32x4.add(half, v128.load(s + 3 * sStep)));
}

// ————————————————————————————————————————————————————————————————————————————————————————— tiles of 4

// The points a and b of winograd.reference.ts, and what the matrices make of them.
@inline
const A: f32 = 0.625;
@inline
const B: f32 = 1.5;
@inline
const A2: f32 = A * A;
@inline
const B2: f32 = B * B;
@inline
const NA: f32 = 1 / (2 * A2 * (A2 - B2));
@inline
const NB: f32 = 1 / (2 * B2 * (B2 - A2));

/** Bᵀ: 6 → 6 */
@inline
export function image4(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const x0 = v128.load(s);
  const x1 = v128.load(s + sStep);
  const x2 = v128.load(s + 2 * sStep);
  const x3 = v128.load(s + 3 * sStep);
  const x4 = v128.load(s + 4 * sStep);
  const x5 = v128.load(s + 5 * sStep);
  const evenA = plus(-B2, x2, x4);
  const oddA = times(A, plus(-B2, x1, x3));
  const evenB = plus(-A2, x2, x4);
  const oddB = times(B, plus(-A2, x1, x3));
  v128.store(d, plus(A2 * B2, x0, plus(-(A2 + B2), x2, x4)));
  v128.store(d + dStep, f32x4.add(evenA, oddA));
  v128.store(d + 2 * dStep, f32x4.sub(evenA, oddA));
  v128.store(d + 3 * dStep, f32x4.add(evenB, oddB));
  v128.store(d + 4 * dStep, f32x4.sub(evenB, oddB));
  v128.store(d + 5 * dStep, plus(A2 * B2, x1, plus(-(A2 + B2), x3, x5)));
}

/** Aᵀ: 6 → 4 */
@inline
export function result4(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const m1 = v128.load(s + sStep);
  const m2 = v128.load(s + 2 * sStep);
  const m3 = v128.load(s + 3 * sStep);
  const m4 = v128.load(s + 4 * sStep);
  const sumA = f32x4.add(m1, m2);
  const differenceA = f32x4.sub(m1, m2);
  const sumB = f32x4.add(m3, m4);
  const differenceB = f32x4.sub(m3, m4);
  v128.store(d, f32x4.add(v128.load(s), f32x4.add(sumA, sumB)));
  v128.store(d + dStep, plus(A, differenceA, times(B, differenceB)));
  v128.store(d + 2 * dStep, plus(A2, sumA, times(B2, sumB)));
  v128.store(d + 3 * dStep, plus(A2 * A, differenceA, plus(B2 * B, differenceB, v128.load(s + 5 * sStep))));
}

/** A: 4 → 6 */
@inline
export function gradient4(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const g0 = v128.load(s);
  const g1 = v128.load(s + sStep);
  const g2 = v128.load(s + 2 * sStep);
  const g3 = v128.load(s + 3 * sStep);
  const evenA = plus(A2, g2, g0);
  const oddA = plus(A2 * A, g3, times(A, g1));
  const evenB = plus(B2, g2, g0);
  const oddB = plus(B2 * B, g3, times(B, g1));
  v128.store(d, g0);
  v128.store(d + dStep, f32x4.add(evenA, oddA));
  v128.store(d + 2 * dStep, f32x4.sub(evenA, oddA));
  v128.store(d + 3 * dStep, f32x4.add(evenB, oddB));
  v128.store(d + 4 * dStep, f32x4.sub(evenB, oddB));
  v128.store(d + 5 * dStep, g3);
}

/** G: 3 → 6 */
@inline
export function filter4(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const w0 = v128.load(s);
  const w1 = v128.load(s + sStep);
  const w2 = v128.load(s + 2 * sStep);
  const evenA = times(NA, plus(A2, w2, w0));
  const oddA = times(A * NA, w1);
  const evenB = times(NB, plus(B2, w2, w0));
  const oddB = times(B * NB, w1);
  v128.store(d, times(1 / (A2 * B2), w0));
  v128.store(d + dStep, f32x4.add(evenA, oddA));
  v128.store(d + 2 * dStep, f32x4.sub(evenA, oddA));
  v128.store(d + 3 * dStep, f32x4.add(evenB, oddB));
  v128.store(d + 4 * dStep, f32x4.sub(evenB, oddB));
  v128.store(d + 5 * dStep, w2);
}

/** Gᵀ: 6 → 3 */
@inline
export function filterGradient4(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const m1 = v128.load(s + sStep);
  const m2 = v128.load(s + 2 * sStep);
  const m3 = v128.load(s + 3 * sStep);
  const m4 = v128.load(s + 4 * sStep);
  const sumA = times(NA, f32x4.add(m1, m2));
  const sumB = times(NB, f32x4.add(m3, m4));
  v128.store(d, plus(1 / (A2 * B2), v128.load(s), f32x4.add(sumA, sumB)));
  v128.store(d + dStep, plus(A * NA, f32x4.sub(m1, m2), times(B * NB, f32x4.sub(m3, m4))));
  v128.store(d + 2 * dStep, plus(A2, sumA, plus(B2, sumB, v128.load(s + 5 * sStep))));
}
