import { loadLanes, storeLanes } from "../../00-runtime/simd/lanes.simd";

export function adamax(
  p: usize, g: usize, m: usize, u: usize, n: usize, rate: f64, beta1: f64, beta2: f64, eps: f64, weightDecay: f64,
): void {
  const step = f32x4.splat(<f32>rate);
  const decay = f32x4.splat(<f32>weightDecay);
  const least = f32x4.splat(<f32>eps);
  for (; n > 0; p += 16, g += 16, m += 16, u += 16) {
    const lanes = min<usize>(n, 4);
    const weight = loadLanes(p, lanes);
    const d = f32x4.add(loadLanes(g, lanes), f32x4.mul(decay, weight));
    let mean = loadLanes(m, lanes);
    mean = f32x4.add(mean, f32x4.mul(f32x4.splat(<f32>(1 - beta1)), f32x4.sub(d, mean)));
    const faded = f32x4.mul(f32x4.splat(<f32>beta2), loadLanes(u, lanes));
    const largest = f32x4.max(faded, f32x4.add(f32x4.abs(d), least));
    storeLanes(m, mean, lanes);
    storeLanes(u, largest, lanes);
    storeLanes(p, f32x4.sub(weight, f32x4.div(f32x4.mul(step, mean), largest)), lanes);
    n -= lanes;
  }
}
