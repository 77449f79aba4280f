import { loadLanes, storeLanes } from "../00-runtime/lanes.simd";

@inline
function plus(sum: v128, x: v128, y: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}

export function sgdPlain(p: usize, g: usize, n: usize, lr: f64, weightDecay: f64): void {
  const rate = f32x4.splat(<f32>-lr);
  const decay = f32x4.splat(<f32>weightDecay);
  for (; n > 0; ) {
    const lanes = min<usize>(n, 4);
    const weight = loadLanes(p, lanes);
    storeLanes(p, plus(weight, rate, plus(loadLanes(g, lanes), decay, weight)), lanes);
    n -= lanes;
    p += 16;
    g += 16;
  }
}

export function sgd(
  p: usize,
  g: usize,
  velocity: usize,
  n: usize,
  lr: f64,
  momentum: f64,
  dampening: f64,
  weightDecay: f64,
  nesterov: i32,
  firstStep: i32,
): void {
  const rate = f32x4.splat(<f32>-lr);
  const keep = f32x4.splat(firstStep ? 0 : <f32>momentum);
  const take = f32x4.splat(firstStep ? 1 : <f32>(1 - dampening));
  const ahead = f32x4.splat(<f32>momentum);
  const decay = f32x4.splat(<f32>weightDecay);
  for (; n > 0; ) {
    const lanes = min<usize>(n, 4);
    const weight = loadLanes(p, lanes);
    const d = plus(loadLanes(g, lanes), decay, weight);
    // On the first step what is in `velocity` does not count, not even if it is NaN.
    const old = firstStep ? d : loadLanes(velocity, lanes);
    const v = plus(f32x4.mul(keep, old), take, d);
    storeLanes(velocity, v, lanes);
    storeLanes(p, plus(weight, rate, nesterov ? plus(d, ahead, v) : v), lanes);
    n -= lanes;
    p += 16;
    g += 16;
    velocity += 16;
  }
}
