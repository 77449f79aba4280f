// Vectors of which only some lanes exist (the end of a row), or whose lanes lie apart (strided operands).
// Strides are in bytes.

/**
 * The first n (1 to 4) of four adjacent floats; the other lanes repeat the first, so that they are harmless.
 */
@inline
export function loadLanes(x: usize, n: usize): v128 {
  if (n >= 4) return v128.load(x);
  let v = v128.load32_splat(x);
  if (n > 1) v = v128.load_lane<f32>(x, v, 1, 4);
  if (n > 2) v = v128.load_lane<f32>(x, v, 2, 8);
  return v;
}

/** As loadLanes, for floats that lie `step` bytes apart. */
@inline
export function gatherLanes(x: usize, step: usize, n: usize): v128 {
  let v = v128.load32_splat(x);
  if (n > 1) v = v128.load_lane<f32>(x + step, v, 1);
  if (n > 2) v = v128.load_lane<f32>(x + 2 * step, v, 2);
  if (n > 3) v = v128.load_lane<f32>(x + 3 * step, v, 3);
  return v;
}

/** Stores the first n (1 to 4) lanes. */
@inline
export function storeLanes(y: usize, v: v128, n: usize): void {
  if (n >= 4) {
    v128.store(y, v);
    return;
  }
  v128.store_lane<f32>(y, v, 0);
  if (n > 1) v128.store_lane<f32>(y, v, 1, 4);
  if (n > 2) v128.store_lane<f32>(y, v, 2, 8);
}
