import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { madd } from "../00-runtime/simd/madd.simd";

/** base to a whole power, by repeated squaring. */
function power(base: f64, exponent: i32): f64 {
  let result: f64 = 1;
  for (; exponent > 0; exponent >>= 1, base *= base) {
    if (exponent & 1) result *= base;
  }
  return result;
}

/**
 * One pass: four arrays read, three written. The constants are computed in double precision; the corrections of both
 * biases are in them: lr·m̂/(√v̂ + eps) = rate·m/(√v + eps·root), rate = lr·root/(1 − β₁ᵗ), root = √(1 − β₂ᵗ).
 */
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
  const root = sqrt(1 - power(beta2, step));
  const rate = f32x4.splat(<f32>((lr * root) / (1 - power(beta1, step))));
  const small = f32x4.splat(<f32>(eps * root));
  const shrink = f32x4.splat(decoupled ? <f32>(1 - lr * weightDecay) : 1);
  const decay = f32x4.splat(decoupled ? 0 : <f32>weightDecay);
  const take1 = f32x4.splat(<f32>(1 - beta1));
  const take2 = f32x4.splat(<f32>(1 - beta2));
  const keep2 = f32x4.splat(<f32>beta2);
  for (; n >= 4; n -= 4, p += 16, g += 16, m += 16, v += 16) {
    move(p, g, m, v, 4, rate, small, shrink, decay, take1, take2, keep2);
  }
  if (n) move(p, g, m, v, n, rate, small, shrink, decay, take1, take2, keep2);
}

/** One vector, of which `lanes` elements exist. */
@inline
function move(
  p: usize, g: usize, m: usize, v: usize, lanes: usize, rate: v128, small: v128, shrink: v128, decay: v128,
  take1: v128, take2: v128, keep2: v128,
): void {
  const weight = loadLanes(p, lanes);
  const gradient = madd(decay, weight, loadLanes(g, lanes));
  const before = loadLanes(m, lanes);
  const mean = madd(take1, f32x4.sub(gradient, before), before);
  const variance = madd(f32x4.mul(take2, gradient), gradient, f32x4.mul(keep2, loadLanes(v, lanes)));
  const change = f32x4.div(f32x4.mul(rate, mean), f32x4.add(f32x4.sqrt(variance), small));
  storeLanes(m, mean, lanes);
  storeLanes(v, variance, lanes);
  storeLanes(p, f32x4.sub(f32x4.mul(weight, shrink), change), lanes);
}

/** As adam, but for one more array; lanes at the end are loaded one by one. */
export function amsgrad(
  p: usize, g: usize, m: usize, v: usize, largest: usize, n: usize, lr: f64, beta1: f64, beta2: f64, eps: f64,
  weightDecay: f64, decoupled: i32, step: i32,
): void {
  const stepSize = f32x4.splat(<f32>(lr / (1 - power(beta1, step))));
  const overRoot = f32x4.splat(<f32>(1 / sqrt(1 - power(beta2, step))));
  const shrink = f32x4.splat(decoupled ? <f32>(1 - lr * weightDecay) : 1);
  const decay = f32x4.splat(decoupled ? 0 : <f32>weightDecay);
  for (; n > 0; p += 16, g += 16, m += 16, v += 16, largest += 16) {
    const lanes = min<usize>(n, 4);
    const weight = loadLanes(p, lanes);
    const gradient = f32x4.add(loadLanes(g, lanes), f32x4.mul(decay, weight));
    let mean = loadLanes(m, lanes);
    mean = f32x4.add(mean, f32x4.mul(f32x4.splat(<f32>(1 - beta1)), f32x4.sub(gradient, mean)));
    const square = f32x4.mul(f32x4.splat(<f32>(1 - beta2)), f32x4.mul(gradient, gradient));
    const variance = f32x4.add(f32x4.mul(f32x4.splat(<f32>beta2), loadLanes(v, lanes)), square);
    const most = f32x4.max(loadLanes(largest, lanes), variance);
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(most), overRoot), f32x4.splat(<f32>eps));
    storeLanes(m, mean, lanes);
    storeLanes(v, variance, lanes);
    storeLanes(largest, most, lanes);
    storeLanes(p, f32x4.sub(f32x4.mul(weight, shrink), f32x4.div(f32x4.mul(stepSize, mean), root)), lanes);
    n -= lanes;
  }
}
