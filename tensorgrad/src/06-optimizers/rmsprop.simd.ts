import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";

@inline
function plus(sum: v128, x: v128, y: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}

/** The last one to three elements are lanes of a vector like any other. */
export function rmsprop(
  p: usize, g: usize, v: usize, mean: usize, velocity: usize, n: usize,
  lr: f64, alpha: f64, eps: f64, weightDecay: f64, momentum: f64, centered: i32,
): void {
  const rate = f32x4.splat(<f32>-lr);
  const keep = f32x4.splat(<f32>alpha);
  const take = f32x4.splat(<f32>(1 - alpha));
  const least = f32x4.splat(<f32>eps);
  const decay = f32x4.splat(<f32>weightDecay);
  const inertia = f32x4.splat(<f32>momentum);
  for (; n > 0; p += 16, g += 16, v += 16, mean += 16, velocity += 16) {
    const lanes = min<usize>(n, 4);
    const weight = loadLanes(p, lanes);
    const d = plus(loadLanes(g, lanes), decay, weight);
    const square = plus(f32x4.mul(keep, loadLanes(v, lanes)), take, f32x4.mul(d, d));
    storeLanes(v, square, lanes);
    let variance = square;
    if (centered) {
      const before = loadLanes(mean, lanes);
      const average = plus(before, take, f32x4.sub(d, before));
      storeLanes(mean, average, lanes);
      variance = f32x4.max(f32x4.splat(0), f32x4.sub(square, f32x4.mul(average, average)));
    }
    let move = f32x4.div(d, f32x4.add(f32x4.sqrt(variance), least));
    if (momentum > 0) {
      move = plus(move, inertia, loadLanes(velocity, lanes));
      storeLanes(velocity, move, lanes);
    }
    storeLanes(p, plus(weight, rate, move), lanes);
    n -= lanes;
  }
}
