import { loadLanes, storeLanes } from "../00-runtime/simd/lanes.simd";

// Position by position, so that the row of cosines and sines is read once for all heads.

export function rotary(
  x: usize, table: usize, y: usize, outer: usize, heads: usize, rows: usize, half: usize,
  xOuter: usize, xHead: usize, xRow: usize, yOuter: usize, yHead: usize, yRow: usize, sense: f32,
): void {
  for (let o: usize = 0; o < outer; o++) {
    for (let t: usize = 0; t < rows; t++) {
      const angles = table + ((2 * half * t) << 2);
      for (let h: usize = 0; h < heads; h++) {
        const from = x + ((o * xOuter + h * xHead + t * xRow) << 2);
        turn(from, angles, y + ((o * yOuter + h * yHead + t * yRow) << 2), half, sense);
      }
    }
  }
}

/** One row: both halves of x turned in pairs. */
@inline
function turn(x: usize, angles: usize, y: usize, half: usize, sense: f32): void {
  const second = half << 2;
  const direction = f32x4.splat(sense);
  let i: usize = 0;
  for (; i + 4 <= half; i += 4, x += 16, y += 16, angles += 16) {
    const cos = v128.load(angles);
    const sin = f32x4.mul(direction, v128.load(angles + second));
    const a = v128.load(x);
    const b = v128.load(x + second);
    v128.store(y, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)));
    v128.store(y + second, f32x4.add(f32x4.mul(b, cos), f32x4.mul(a, sin)));
  }
  const left = half - i;
  if (left == 0) return;
  const cos = loadLanes(angles, left);
  const sin = f32x4.mul(direction, loadLanes(angles + second, left));
  const a = loadLanes(x, left);
  const b = loadLanes(x + second, left);
  storeLanes(y, f32x4.sub(f32x4.mul(a, cos), f32x4.mul(b, sin)), left);
  storeLanes(y + second, f32x4.add(f32x4.mul(b, cos), f32x4.mul(a, sin)), left);
}
