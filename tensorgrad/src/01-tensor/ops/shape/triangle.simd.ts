import { copyRow } from "../../../00-runtime/simd/strided.simd";

/**
 * Each row is two stretches, one copied and one of zeros, so NaN and ∞ outside the triangle vanish. Both go
 * as whole blocks of memory; a mask and a multiplication would read twice as much.
 */
export function triangle(
  x: usize, y: usize, batch: usize, rows: usize, cols: usize, diagonal: i32, upper: usize,
): void {
  for (let b: usize = 0; b < batch; b++) {
    for (let r: usize = 0; r < rows; r++, x += cols << 2, y += cols << 2) {
      // Columns before the split belong to the lower triangle.
      const split = <usize>max<i32>(0, min<i32>(<i32>cols, <i32>r + diagonal + (upper ? 0 : 1)));
      const at = split << 2;
      if (upper) {
        memory.fill(y, 0, at);
        copyRow(x + at, y + at, cols - split);
      } else {
        copyRow(x, y, split);
        memory.fill(y + at, 0, (cols - split) << 2);
      }
    }
  }
}
