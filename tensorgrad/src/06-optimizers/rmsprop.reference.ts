import type { Floats } from "../00-runtime/arrays.ts";

/**
 * One step of RMSprop in PyTorch's form. `v` is a running mean of g²; centered subtracts the square of the running
 * `mean` of g (rounding must not make the variance negative). Where centered or momentum is 0, `mean` or `velocity`
 * is not touched.
 *
 * Source    Tieleman & Hinton 2012, lecture 6.5; Graves 2013 (centered)
 */
export function rmsprop(
  p: Floats,
  g: Floats,
  v: Floats,
  mean: Floats,
  velocity: Floats,
  n: number,
  lr: number,
  alpha: number,
  eps: number,
  weightDecay: number,
  momentum: number,
  centered: number, // 0 or 1
): void {
  for (let i = 0; i < n; i++) {
    const d = g[i] + weightDecay * p[i];
    v[i] = alpha * v[i] + (1 - alpha) * d * d;
    let variance = v[i];
    if (centered) {
      mean[i] += (1 - alpha) * (d - mean[i]);
      variance = Math.max(0, variance - mean[i] * mean[i]);
    }
    let move = d / (Math.sqrt(variance) + eps);
    if (momentum > 0) {
      velocity[i] = momentum * velocity[i] + move;
      move = velocity[i];
    }
    p[i] -= lr * move;
  }
}
