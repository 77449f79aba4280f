import type { Floats } from "../00-runtime/arrays.ts";

/** g ← g + l1·sign(p) + l2·p, the gradient of l1·Σ|p| + ½·l2·Σp². */
export function addPenalty(g: Floats, p: Floats, n: number, l1: number, l2: number): void {
  for (let i = 0; i < n; i++) g[i] += l1 * Math.sign(p[i]) + l2 * p[i];
}
