import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";
import { map, mapLight } from "../00-runtime/simd/map.simd";
import { msub } from "../00-runtime/simd/madd.simd";
import { tanh } from "../00-runtime/simd/simd-math.simd";

@unmanaged @final class Tanh { @inline of(x: v128): v128 { return tanh(x); } }
@unmanaged @final class Relu {
  @inline of(x: v128): v128 { return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(0)); } // as in elementwise.simd.ts
}

export function rnnTanh(z: usize, h: usize, n: usize): void {
  map<Tanh>(z, h, 1, n, n, 1);
}

export function rnnRelu(z: usize, h: usize, n: usize): void {
  mapLight<Relu>(z, h, 1, n, n, 1);
}

export function rnnTanhGrad(h: usize, g: usize, dh: usize, dz: usize, n: usize): void {
  const one = f32x4.splat(1);
  for (; n > 0; h += 16, g += 16, dh += 16, dz += 16) {
    const y = loadLanes(h, n);
    const total = f32x4.add(loadLanes(g, n), loadLanes(dh, n));
    storeLanes(dz, f32x4.mul(total, msub(y, y, one)), n);
    n -= min<usize>(n, 4);
  }
}

export function rnnReluGrad(h: usize, g: usize, dh: usize, dz: usize, n: usize): void {
  for (; n > 0; h += 16, g += 16, dh += 16, dz += 16) {
    const total = f32x4.add(loadLanes(g, n), loadLanes(dh, n));
    storeLanes(dz, v128.and(total, f32x4.gt(loadLanes(h, n), f32x4.splat(0))), n);
    n -= min<usize>(n, 4);
  }
}
