import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";

export function adagrad(
  p: usize, g: usize, sum: usize, n: usize, lr: f64, eps: f64, weightDecay: f64, initial: f64,
): void {
  const rate = f32x4.splat(<f32>lr);
  const least = f32x4.splat(<f32>eps);
  const decay = f32x4.splat(<f32>weightDecay);
  const start = f32x4.splat(<f32>initial);
  for (; n > 0; p += 16, g += 16, sum += 16) {
    const lanes = min<usize>(n, 4);
    const weight = loadLanes(p, lanes);
    const d = f32x4.add(loadLanes(g, lanes), f32x4.mul(decay, weight));
    const total = f32x4.add(loadLanes(sum, lanes), f32x4.add(start, f32x4.mul(d, d)));
    storeLanes(sum, total, lanes);
    const change = f32x4.div(f32x4.mul(rate, d), f32x4.add(f32x4.sqrt(total), least));
    storeLanes(p, f32x4.sub(weight, change), lanes);
    n -= lanes;
  }
}
