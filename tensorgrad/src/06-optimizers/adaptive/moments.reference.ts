import type { Floats } from "../../00-runtime/arrays.ts";

/**
 * A step along the gradient and its running mean m, both divided by the root of the running mean v of its square: what NAdam
 * and RAdam have in common. Their rates depend on the step alone, so they come as numbers.
 *
 *   p −= (gRate·d + mRate·m)/(scale·√v + eps),  d = g + weightDecay·p
 *
 * With a scale of 0 and an eps of 1 nothing is divided.
 */
export function moments(
  p: Floats,
  g: Floats,
  m: Floats,
  v: Floats,
  n: number,
  gRate: number,
  mRate: number,
  beta1: number,
  beta2: number,
  scale: number,
  eps: number,
  weightDecay: number,
): void {
  for (let i = 0; i < n; i++) {
    const d = g[i] + weightDecay * p[i];
    m[i] += (1 - beta1) * (d - m[i]);
    v[i] = beta2 * v[i] + (1 - beta2) * d * d;
    p[i] -= (gRate * d + mRate * m[i]) / (scale * Math.sqrt(v[i]) + eps);
  }
}
