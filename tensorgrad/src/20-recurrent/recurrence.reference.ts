import type { Floats } from "../00-runtime/arrays.ts";

/** Rows r of `to` whose sequences have ended at step t, t ≥ lengths[r], become those of `from`; all are [rows, cols]. */
// exercise: recurrent-hold
export function holdRows(
  from: Floats,
  to: Floats,
  lengths: Int32Array,
  rows: number,
  cols: number,
  t: number,
): void {
  for (let r = 0; r < rows; r++) {
    if (t >= lengths[r]) to.set(from.subarray(r * cols, (r + 1) * cols), r * cols);
  }
}
