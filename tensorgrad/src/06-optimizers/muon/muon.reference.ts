import type { Floats } from "../../00-runtime/arrays.ts";

// What Muon does element by element, before and after it makes a direction orthogonal; all arrays have n elements.

/** m = m + (1 − β)·(g − m);  u = g + β·(m − g) with nesterov, else m */
export function muonDirection(
  g: Floats,
  m: Floats,
  u: Floats,
  n: number,
  beta: number,
  nesterov: number,
): void {
  for (let i = 0; i < n; i++) {
    m[i] += (1 - beta) * (g[i] - m[i]);
    u[i] = nesterov ? g[i] + beta * (m[i] - g[i]) : m[i];
  }
}

/** p = p·shrink − size·u */
export function muonMove(p: Floats, u: Floats, n: number, shrink: number, size: number): void {
  for (let i = 0; i < n; i++) p[i] = p[i] * shrink - size * u[i];
}
