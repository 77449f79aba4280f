import type { Floats } from "../00-runtime/arrays.ts";

// Softmax and negative log-likelihood in one: x are logits [rows, cols], targets[r] is the class of row r.
// A negative target means "no class": that row's loss and gradient are 0.

function maxOfRow(x: Floats, start: number, cols: number): number {
  let largest = -Infinity;
  for (let c = 0; c < cols; c++) largest = Math.max(largest, x[start + c]);
  return largest;
}

function sumExp(x: Floats, start: number, cols: number, shift: number): number {
  let sum = 0;
  for (let c = 0; c < cols; c++) sum += Math.exp(x[start + c] - shift);
  return sum;
}

// exercise: cross-entropy-loop
/** loss[r] = log Σ exp(x[r]) − x[r, target], shifted by the row's maximum so that nothing overflows. */
export function crossEntropy(x: Floats, targets: Int32Array, loss: Floats, rows: number, cols: number): void {
  for (let r = 0; r < rows; r++) {
    const start = r * cols;
    const largest = maxOfRow(x, start, cols);
    const logSum = Math.log(sumExp(x, start, cols, largest));
    loss[r] = targets[r] < 0 ? 0 : logSum - (x[start + targets[r]] - largest);
  }
}

/** dx[r] = (softmax(x[r]) − onehot(target)) · g[r]: what was predicted minus what was true. */
export function crossEntropyGrad(
  x: Floats,
  targets: Int32Array,
  g: Floats,
  dx: Floats,
  rows: number,
  cols: number,
): void {
  for (let r = 0; r < rows; r++) {
    const start = r * cols;
    const scale = targets[r] < 0 ? 0 : g[r];
    const largest = maxOfRow(x, start, cols);
    const sum = sumExp(x, start, cols, largest);
    for (let c = 0; c < cols; c++) {
      const probability = Math.exp(x[start + c] - largest) / sum;
      dx[start + c] = (probability - (c === targets[r] ? 1 : 0)) * scale;
    }
  }
}
