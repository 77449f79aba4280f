import { loadLanes, storeLanes } from "../00-runtime/lanes.simd";

@inline
function plus(sum: v128, x: v128, y: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, y));
}

export function sgdPlain(p: usize, g: usize, n: usize, lr: f64, weightDecay: f64): void {
  const rate = f32x4.splat(<f32>-lr);
  const decay = f32x4.splat(<f32>weightDecay);
  for (; n >= 8; n -= 8, p += 32, g += 32) {
    const p0 = v128.load(p);
    const p1 = v128.load(p, 16);
    v128.store(p, plus(p0, rate, plus(v128.load(g), decay, p0)));
    v128.store(p, plus(p1, rate, plus(v128.load(g, 16), decay, p1)), 16);
  }
  for (; n > 0; p += 16, g += 16) {
    const lanes = min<usize>(n, 4);
    const weight = loadLanes(p, lanes);
    storeLanes(p, plus(weight, rate, plus(loadLanes(g, lanes), decay, weight)), lanes);
    n -= lanes;
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
  const keep = f32x4.splat(<f32>momentum);
  const decay = f32x4.splat(<f32>weightDecay);
  // The first step ignores what is in `velocity`, even NaN.
  if (firstStep) memory.fill(velocity, 0, n << 2);
  const take = f32x4.splat(firstStep ? 1 : <f32>(1 - dampening));
  // p −= lr·(ahead·d + weight·velocity)
  const ahead = f32x4.splat(nesterov ? 1 : 0);
  const weight = f32x4.splat(nesterov ? <f32>momentum : 1);
  for (; n >= 4; n -= 4, p += 16, g += 16, velocity += 16) {
    const p0 = v128.load(p);
    const d = plus(v128.load(g), decay, p0);
    const v = plus(f32x4.mul(keep, v128.load(velocity)), take, d);
    v128.store(velocity, v);
    v128.store(p, plus(p0, rate, plus(f32x4.mul(ahead, d), weight, v)));
  }
  if (n) {
    const p0 = loadLanes(p, n);
    const d = plus(loadLanes(g, n), decay, p0);
    const v = plus(f32x4.mul(keep, loadLanes(velocity, n)), take, d);
    storeLanes(velocity, v, n);
    storeLanes(p, plus(p0, rate, plus(f32x4.mul(ahead, d), weight, v)), n);
  }
}
