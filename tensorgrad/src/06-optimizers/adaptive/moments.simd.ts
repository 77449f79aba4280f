import { loadLanes, storeLanes } from "../../00-runtime/simd/lanes.simd";

export function moments(
  p: usize, g: usize, m: usize, v: usize, n: usize, gRate: f64, mRate: f64, beta1: f64, beta2: f64, scale: f64,
  eps: f64, weightDecay: f64,
): void {
  const along = f32x4.splat(<f32>gRate);
  const onward = f32x4.splat(<f32>mRate);
  const decay = f32x4.splat(<f32>weightDecay);
  const factor = f32x4.splat(<f32>scale);
  const least = f32x4.splat(<f32>eps);
  for (; n > 0; p += 16, g += 16, m += 16, v += 16) {
    const lanes = min<usize>(n, 4);
    const weight = loadLanes(p, lanes);
    const d = f32x4.add(loadLanes(g, lanes), f32x4.mul(decay, weight));
    let mean = loadLanes(m, lanes);
    mean = f32x4.add(mean, f32x4.mul(f32x4.splat(<f32>(1 - beta1)), f32x4.sub(d, mean)));
    const square = f32x4.mul(f32x4.splat(<f32>(1 - beta2)), f32x4.mul(d, d));
    const variance = f32x4.add(f32x4.mul(f32x4.splat(<f32>beta2), loadLanes(v, lanes)), square);
    const root = f32x4.add(f32x4.mul(factor, f32x4.sqrt(variance)), least);
    const move = f32x4.add(f32x4.mul(along, d), f32x4.mul(onward, mean));
    storeLanes(m, mean, lanes);
    storeLanes(v, variance, lanes);
    storeLanes(p, f32x4.sub(weight, f32x4.div(move, root)), lanes);
    n -= lanes;
  }
}
