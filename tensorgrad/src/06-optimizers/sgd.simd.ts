import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { madd } from "../00-runtime/simd/madd.simd";

export function sgdPlain(p: usize, g: usize, n: usize, lr: f64, weightDecay: f64): void {
  const rate = f32x4.splat(<f32>-lr);
  const decay = f32x4.splat(<f32>weightDecay);
  for (; n >= 8; n -= 8, p += 32, g += 32) {
    const p0 = v128.load(p);
    const p1 = v128.load(p, 16);
    v128.store(p, madd(rate, madd(decay, p0, v128.load(g)), p0));
    v128.store(p, madd(rate, madd(decay, p1, v128.load(g, 16)), p1), 16);
  }
  for (; n > 0; p += 16, g += 16) {
    const lanes = min<usize>(n, 4);
    const weight = loadLanes(p, lanes);
    storeLanes(p, madd(rate, madd(decay, weight, loadLanes(g, lanes)), weight), lanes);
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
    const d = madd(decay, p0, v128.load(g));
    const v = madd(take, d, f32x4.mul(keep, v128.load(velocity)));
    v128.store(velocity, v);
    v128.store(p, madd(rate, madd(weight, v, f32x4.mul(ahead, d)), p0));
  }
  if (n) {
    const p0 = loadLanes(p, n);
    const d = madd(decay, p0, loadLanes(g, n));
    const v = madd(take, d, f32x4.mul(keep, loadLanes(velocity, n)));
    storeLanes(velocity, v, n);
    storeLanes(p, madd(rate, madd(weight, v, f32x4.mul(ahead, d)), p0), n);
  }
}
