import type { Floats } from "../../00-runtime/arrays.ts";

/**
 * One step of Adamax: the running mean m of the gradient, divided by the largest gradient u, which is slowly forgotten. `rate`
 * is lr/(1 − beta1ᵗ).
 *
 * Source    Kingma & Ba 2015, Adam, section 7.1
 */
export function adamax(
  p: Floats,
  g: Floats,
  m: Floats,
  u: Floats,
  n: number,
  rate: number,
  beta1: number,
  beta2: number,
  eps: number,
  weightDecay: number,
): void {
  for (let i = 0; i < n; i++) {
    const d = g[i] + weightDecay * p[i];
    m[i] += (1 - beta1) * (d - m[i]);
    u[i] = Math.max(beta2 * u[i], Math.abs(d) + eps);
    p[i] -= (rate * m[i]) / u[i];
  }
}
