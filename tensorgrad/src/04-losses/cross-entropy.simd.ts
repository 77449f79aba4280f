import { expOfRow, logOf, scaleRow, sumExpOfRow } from "../00-runtime/simd/exp-rows.simd";
import { maxOfRow } from "../00-runtime/simd/rows.simd";

export function crossEntropy(x: usize, targets: usize, loss: usize, rows: usize, cols: usize): void {
  for (let r: usize = 0; r < rows; r++, x += cols << 2) {
    const target = load<i32>(targets + (r << 2));
    let value: f32 = 0;
    if (target >= 0) {
      const largest = maxOfRow(x, cols, 4);
      const logSum = logOf(sumExpOfRow(x, cols, largest));
      value = logSum - (load<f32>(x + (<usize>target << 2)) - largest);
    }
    store<f32>(loss + (r << 2), value);
  }
}

export function crossEntropyGrad(
  x: usize,
  targets: usize,
  g: usize,
  dx: usize,
  rows: usize,
  cols: usize,
): void {
  const bytes = cols << 2;
  for (let r: usize = 0; r < rows; r++, x += bytes, dx += bytes) {
    const target = load<i32>(targets + (r << 2));
    if (target < 0) {
      memory.fill(dx, 0, bytes);
      continue;
    }
    const scale = load<f32>(g + (r << 2));
    const sum = expOfRow(x, dx, cols, maxOfRow(x, cols, 4));
    const right = dx + (<usize>target << 2);
    const miss = load<f32>(right) / sum - 1;
    scaleRow(dx, cols, scale / sum);
    store<f32>(right, miss * scale);
  }
}
