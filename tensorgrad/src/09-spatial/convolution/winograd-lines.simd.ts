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

/** Bᵀ: 6 → 6 */
@inline
export function image4(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const x0 = v128.load(s);
  const x1 = v128.load(s + sStep);
  const x2 = v128.load(s + 2 * sStep);
  const x3 = v128.load(s + 3 * sStep);
  const x4 = v128.load(s + 4 * sStep);
  const x5 = v128.load(s + 5 * sStep);
  const even = plus(-4, x2, x4);
  const odd = plus(-4, x1, x3);
  const near = f32x4.sub(x4, x2);
  const far = times(2, f32x4.sub(x3, x1));
  v128.store(d, plus(4, x0, plus(-5, x2, x4)));
  v128.store(d + dStep, f32x4.add(even, odd));
  v128.store(d + 2 * dStep, f32x4.sub(even, odd));
  v128.store(d + 3 * dStep, f32x4.add(near, far));
  v128.store(d + 4 * dStep, f32x4.sub(near, far));
  v128.store(d + 5 * dStep, plus(4, x1, plus(-5, x3, x5)));
}

/** Aᵀ: 6 → 4 */
@inline
export function result4(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const m1 = v128.load(s + sStep);
  const m2 = v128.load(s + 2 * sStep);
  const m3 = v128.load(s + 3 * sStep);
  const m4 = v128.load(s + 4 * sStep);
  const sum = f32x4.add(m1, m2);
  const difference = f32x4.sub(m1, m2);
  const sum2 = f32x4.add(m3, m4);
  const difference2 = f32x4.sub(m3, m4);
  v128.store(d, f32x4.add(v128.load(s), f32x4.add(sum, sum2)));
  v128.store(d + dStep, plus(2, difference2, difference));
  v128.store(d + 2 * dStep, plus(4, sum2, sum));
  v128.store(d + 3 * dStep, f32x4.add(plus(8, difference2, difference), v128.load(s + 5 * sStep)));
}

/** A: 4 → 6 */
@inline
export function gradient4(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const g0 = v128.load(s);
  const g1 = v128.load(s + sStep);
  const g2 = v128.load(s + 2 * sStep);
  const g3 = v128.load(s + 3 * sStep);
  const even = f32x4.add(g0, g2);
  const odd = f32x4.add(g1, g3);
  const even2 = plus(4, g2, g0);
  const odd2 = plus(8, g3, times(2, g1));
  v128.store(d, g0);
  v128.store(d + dStep, f32x4.add(even, odd));
  v128.store(d + 2 * dStep, f32x4.sub(even, odd));
  v128.store(d + 3 * dStep, f32x4.add(even2, odd2));
  v128.store(d + 4 * dStep, f32x4.sub(even2, odd2));
  v128.store(d + 5 * dStep, g3);
}

/** G: 3 → 6 */
@inline
export function filter4(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const w0 = v128.load(s);
  const w1 = v128.load(s + sStep);
  const w2 = v128.load(s + 2 * sStep);
  const outer = times(-1 / 6, f32x4.add(w0, w2));
  const inner = times(1 / 6, w1);
  const outer2 = plus(1 / 24, w0, times(1 / 6, w2));
  const inner2 = times(1 / 12, w1);
  v128.store(d, times(0.25, w0));
  v128.store(d + dStep, f32x4.sub(outer, inner));
  v128.store(d + 2 * dStep, f32x4.add(outer, inner));
  v128.store(d + 3 * dStep, f32x4.add(outer2, inner2));
  v128.store(d + 4 * dStep, f32x4.sub(outer2, inner2));
  v128.store(d + 5 * dStep, w2);
}

/** Gᵀ: 6 → 3 */
@inline
export function filterGradient4(s: usize, sStep: usize, d: usize, dStep: usize): void {
  const m1 = v128.load(s + sStep);
  const m2 = v128.load(s + 2 * sStep);
  const m3 = v128.load(s + 3 * sStep);
  const m4 = v128.load(s + 4 * sStep);
  const sum = times(1 / 6, f32x4.add(m1, m2));
  const sum2 = f32x4.add(m3, m4);
  v128.store(d, f32x4.sub(plus(1 / 24, sum2, times(0.25, v128.load(s))), sum));
  v128.store(d + dStep, plus(1 / 12, f32x4.sub(m3, m4), times(1 / 6, f32x4.sub(m2, m1))));
  v128.store(d + 2 * dStep, f32x4.sub(plus(1 / 6, sum2, v128.load(s + 5 * sStep)), sum));
}
