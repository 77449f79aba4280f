import type { Floats } from "../00-runtime/arrays.ts";

// Root-mean-square normalisation of contiguous rows: x, y, g and dx are [rows, cols]; w is [cols]. stats
// [rows, 3] is as layer normalisation keeps it, with a shift and a rest of 0: so the gradient of w is the same
// kernel, layerNormGradWeight.

/** y = x·w/√(mean x² + ε) */
export function rmsNorm(
  x: Floats,
  w: Floats,
  y: Floats,
  stats: Floats,
  rows: number,
  cols: number,
  eps: number,
): void {
  for (let r = 0; r < rows; r++) {
    let squares = 0;
    for (let c = 0; c < cols; c++) squares += x[r * cols + c] ** 2;
    const scale = 1 / Math.sqrt(squares / cols + eps);
    stats.set([0, 0, scale], 3 * r);
    for (let c = 0, i = r * cols; c < cols; c++, i++) y[i] = x[i] * scale * w[c];
  }
}

/** dx = scale·(ĝ − x·scale²·Σ ĝ·x/n), with ĝ = g·w, scale = 1/√(mean x² + ε) and n = cols */
export function rmsNormGrad(
  x: Floats,
  w: Floats,
  stats: Floats,
  g: Floats,
  dx: Floats,
  rows: number,
  cols: number,
): void {
  for (let r = 0; r < rows; r++) {
    const scale = stats[3 * r + 2];
    let dot = 0;
    for (let c = 0, i = r * cols; c < cols; c++, i++) dot += g[i] * w[c] * x[i];
    const slope = (scale * scale * dot) / cols;
    for (let c = 0, i = r * cols; c < cols; c++, i++) dx[i] = scale * (g[i] * w[c] - x[i] * slope);
  }
}
