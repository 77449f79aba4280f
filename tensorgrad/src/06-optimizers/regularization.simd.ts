import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";

/** size·sign(p): the sign of p on `size`, nothing where p is 0. */
@inline
function withSign(size: v128, p: v128): v128 {
  const signed = v128.or(size, v128.and(p, i32x4.splat(0x80000000)));
  return v128.and(signed, f32x4.ne(p, f32x4.splat(0)));
}

@inline
function penalized(g: v128, p: v128, l1: v128, l2: v128): v128 {
  return f32x4.add(g, f32x4.add(withSign(l1, p), f32x4.mul(l2, p)));
}

export function addPenalty(g: usize, p: usize, n: usize, l1: f64, l2: f64): void {
  const absolute = f32x4.splat(<f32>l1);
  const square = f32x4.splat(<f32>l2);
  for (; n >= 4; n -= 4, g += 16, p += 16) v128.store(g, penalized(v128.load(g), v128.load(p), absolute, square));
  if (n) storeLanes(g, penalized(loadLanes(g, n), loadLanes(p, n), absolute, square), n);
}
