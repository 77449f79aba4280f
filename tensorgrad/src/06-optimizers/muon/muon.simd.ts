import { loadLanes, storeLanes } from "../../00-runtime/simd/lanes.simd";
import { madd, msub } from "../../00-runtime/simd/madd.simd";

export function muonDirection(g: usize, m: usize, u: usize, n: usize, beta: f64, nesterov: i32): void {
  const take = f32x4.splat(<f32>(1 - beta));
  const share = f32x4.splat(nesterov ? <f32>beta : 1);
  for (; n > 0; n -= min<usize>(n, 4), g += 16, m += 16, u += 16) {
    const gradient = loadLanes(g, n);
    const before = loadLanes(m, n);
    const mean = madd(take, f32x4.sub(gradient, before), before);
    const moved = madd(share, f32x4.sub(mean, gradient), gradient);
    storeLanes(m, mean, n);
    storeLanes(u, nesterov ? moved : mean, n);
  }
}

export function muonMove(p: usize, u: usize, n: usize, shrink: f64, size: f64): void {
  const keep = f32x4.splat(<f32>shrink);
  const step = f32x4.splat(<f32>size);
  for (; n >= 4; n -= 4, p += 16, u += 16) {
    v128.store(p, msub(step, v128.load(u), f32x4.mul(v128.load(p), keep)));
  }
  if (n) storeLanes(p, msub(step, loadLanes(u, n), f32x4.mul(loadLanes(p, n), keep)), n);
}
