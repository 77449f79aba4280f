import type { Floats } from "../00-runtime/arrays.ts";

/**
 * One step of Adagrad in PyTorch's form: `sum` gathers all squares so far. `initial` is added to it, and is 0 but
 * for the first step.
 *
 * Source    Duchi, Hazan & Singer 2011, Adaptive subgradient methods
 */
export function adagrad(
  p: Floats,
  g: Floats,
  sum: Floats,
  n: number,
  lr: number,
  eps: number,
  weightDecay: number,
  initial: number,
): void {
  for (let i = 0; i < n; i++) {
    const d = g[i] + weightDecay * p[i];
    sum[i] += initial + d * d;
    p[i] -= (lr * d) / (Math.sqrt(sum[i]) + eps);
  }
}
