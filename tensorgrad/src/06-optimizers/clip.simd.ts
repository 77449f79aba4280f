import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";

@inline
function addSquares(sum: v128, pair: v128): v128 {
  return f64x2.add(sum, f64x2.mul(pair, pair));
}

/** The squares of four floats are exact in double precision. */
export function norm2(x: usize, y: usize, n: usize): void {
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  for (; n >= 4; n -= 4, x += 16) {
    const v = v128.load(x);
    sum0 = addSquares(sum0, f64x2.promote_low_f32x4(v));
    sum1 = addSquares(sum1, f64x2.promote_low_f32x4(i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)));
  }
  sum0 = f64x2.add(sum0, sum1);
  let sum = f64x2.extract_lane(sum0, 0) + f64x2.extract_lane(sum0, 1);
  for (; n > 0; n--, x += 4) {
    const value = <f64>load<f32>(x);
    sum += value * value;
  }
  store<f32>(y, <f32>sqrt(sum));
}

export function scaleBy(x: usize, n: usize, factor: f64): void {
  const by = f32x4.splat(<f32>factor);
  for (; n >= 4; n -= 4, x += 16) v128.store(x, f32x4.mul(v128.load(x), by));
  if (n) storeLanes(x, f32x4.mul(loadLanes(x, n), by), n);
}

export function clampTo(x: usize, n: usize, limit: f64): void {
  const top = f32x4.splat(<f32>limit);
  const bottom = f32x4.splat(<f32>-limit);
  for (; n >= 4; n -= 4, x += 16) v128.store(x, f32x4.max(bottom, f32x4.min(top, v128.load(x))));
  if (n) storeLanes(x, f32x4.max(bottom, f32x4.min(top, loadLanes(x, n))), n);
}
