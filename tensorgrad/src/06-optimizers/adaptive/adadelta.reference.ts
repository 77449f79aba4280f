import type { Floats } from "../../00-runtime/arrays.ts";

/**
 * One step of Adadelta: a gradient times the root of the running mean of former steps (moved), over that of gradients (v).
 *
 * Source    Zeiler 2012, ADADELTA; PyTorch's formulas
 */
export function adadelta(
  p: Floats,
  g: Floats,
  v: Floats,
  moved: Floats,
  n: number,
  lr: number,
  rho: number,
  eps: number,
  weightDecay: number,
): void {
  for (let i = 0; i < n; i++) {
    const d = g[i] + weightDecay * p[i];
    v[i] = rho * v[i] + (1 - rho) * d * d;
    const move = (Math.sqrt(moved[i] + eps) / Math.sqrt(v[i] + eps)) * d;
    moved[i] = rho * moved[i] + (1 - rho) * move * move;
    p[i] -= lr * move;
  }
}
