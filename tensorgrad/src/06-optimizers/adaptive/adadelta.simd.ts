import { loadLanes, storeLanes } from "../../00-runtime/simd/lanes.simd";

/** rho·mean + (1 − rho)·x² */
@inline
function faded(mean: v128, x: v128, rho: f64): v128 {
  const kept = f32x4.mul(f32x4.splat(<f32>rho), mean);
  return f32x4.add(kept, f32x4.mul(f32x4.splat(<f32>(1 - rho)), f32x4.mul(x, x)));
}

export function adadelta(
  p: usize, g: usize, v: usize, moved: usize, n: usize, lr: f64, rho: f64, eps: f64, weightDecay: f64,
): void {
  const rate = f32x4.splat(<f32>lr);
  const decay = f32x4.splat(<f32>weightDecay);
  const least = f32x4.splat(<f32>eps);
  for (; n > 0; p += 16, g += 16, v += 16, moved += 16) {
    const lanes = min<usize>(n, 4);
    const weight = loadLanes(p, lanes);
    const d = f32x4.add(loadLanes(g, lanes), f32x4.mul(decay, weight));
    const square = faded(loadLanes(v, lanes), d, rho);
    const before = loadLanes(moved, lanes);
    const roots = f32x4.div(f32x4.sqrt(f32x4.add(before, least)), f32x4.sqrt(f32x4.add(square, least)));
    const move = f32x4.mul(roots, d);
    storeLanes(v, square, lanes);
    storeLanes(moved, faded(before, move, rho), lanes);
    storeLanes(p, f32x4.sub(weight, f32x4.mul(rate, move)), lanes);
    n -= lanes;
  }
}
