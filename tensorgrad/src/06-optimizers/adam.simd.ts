import { loadLanes, storeLanes } from "../00-runtime/lanes.simd";

/** base to a whole power, by repeated squaring. */
function power(base: f64, exponent: i32): f64 {
  let result: f64 = 1;
  for (; exponent > 0; exponent >>= 1, base *= base) {
    if (exponent & 1) result *= base;
  }
  return result;
}

/** One pass: four arrays read, three written. The constants are computed in double precision. */
export function adam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  n: usize,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  decoupled: i32,
  step: i32,
): void {
  const stepSize = f32x4.splat(<f32>(lr / (1 - power(beta1, step))));
  const rootOfBias = f32x4.splat(<f32>sqrt(1 - power(beta2, step)));
  const shrink = f32x4.splat(decoupled ? <f32>(1 - lr * weightDecay) : 1);
  const decay = f32x4.splat(decoupled ? 0 : <f32>weightDecay);
  const take1 = f32x4.splat(<f32>(1 - beta1));
  const keep2 = f32x4.splat(<f32>beta2);
  const take2 = f32x4.splat(<f32>(1 - beta2));
  const epsilon = f32x4.splat(<f32>eps);
  for (; n > 0; ) {
    const lanes = min<usize>(n, 4);
    const weight = loadLanes(p, lanes);
    const gradient = f32x4.add(loadLanes(g, lanes), f32x4.mul(decay, weight));
    let mean = loadLanes(m, lanes);
    mean = f32x4.add(mean, f32x4.mul(take1, f32x4.sub(gradient, mean)));
    const square = f32x4.mul(take2, f32x4.mul(gradient, gradient));
    const variance = f32x4.add(f32x4.mul(keep2, loadLanes(v, lanes)), square);
    const root = f32x4.add(f32x4.div(f32x4.sqrt(variance), rootOfBias), epsilon);
    const update = f32x4.div(f32x4.mul(stepSize, mean), root);
    storeLanes(m, mean, lanes);
    storeLanes(v, variance, lanes);
    storeLanes(p, f32x4.sub(f32x4.mul(weight, shrink), update), lanes);
    n -= lanes;
    p += 16;
    g += 16;
    m += 16;
    v += 16;
  }
}
