import { loadLanes, storeLanes } from "../00-runtime/lanes.simd";
import { scratch } from "../00-runtime/scratch.simd";

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
  const stepSize = <f32>(lr / (1 - power(beta1, step)));
  const overRoot = <f32>(1 / sqrt(1 - power(beta2, step)));
  const shrink: f32 = decoupled ? <f32>(1 - lr * weightDecay) : 1;
  const decay: f32 = decoupled ? 0 : <f32>weightDecay;
  const take1 = <f32>(1 - beta1);
  const take2 = <f32>(1 - beta2);
  const rest = (n & 3) << 2;
  const full = (n & ~3) << 2;
  update(p, g, m, v, p + full, stepSize, overRoot, shrink, decay, take1, <f32>beta2, take2, <f32>eps);
  if (rest == 0) return;
  // The last one to three elements are updated as part of whole vectors in scratch.
  memory.fill(scratch, 0, 64);
  memory.copy(scratch, p + full, rest);
  memory.copy(scratch + 16, g + full, rest);
  memory.copy(scratch + 32, m + full, rest);
  memory.copy(scratch + 48, v + full, rest);
  update(
    scratch, scratch + 16, scratch + 32, scratch + 48, scratch + 16,
    stepSize, overRoot, shrink, decay, take1, <f32>beta2, take2, <f32>eps,
  );
  memory.copy(p + full, scratch, rest);
  memory.copy(m + full, scratch + 32, rest);
  memory.copy(v + full, scratch + 48, rest);
}

/** Whole vectors, up to the address `end` of p. */
function update(
  p: usize, g: usize, m: usize, v: usize, end: usize, stepSize: f32, overRoot: f32, shrink: f32, decay: f32,
  take1: f32, keep2: f32, take2: f32, eps: f32,
): void {
  for (; p < end; p += 16, g += 16, m += 16, v += 16) {
    const weight = v128.load(p);
    const gradient = f32x4.add(v128.load(g), f32x4.mul(f32x4.splat(decay), weight));
    let mean = v128.load(m);
    mean = f32x4.add(mean, f32x4.mul(f32x4.splat(take1), f32x4.sub(gradient, mean)));
    const square = f32x4.mul(f32x4.splat(take2), f32x4.mul(gradient, gradient));
    const variance = f32x4.add(f32x4.mul(f32x4.splat(keep2), v128.load(v)), square);
    const root = f32x4.mul(f32x4.sqrt(variance), f32x4.splat(overRoot));
    const change = f32x4.div(f32x4.mul(f32x4.splat(stepSize), mean), f32x4.add(root, f32x4.splat(eps)));
    v128.store(m, mean);
    v128.store(v, variance);
    v128.store(p, f32x4.sub(f32x4.mul(weight, f32x4.splat(shrink)), change));
  }
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
