import type { Floats } from "../00-runtime/arrays.ts";

// Layer normalisation of contiguous rows: x, y, g and dx are [rows, cols]; w, b and dw are [cols]. What
// backward needs of a row is kept in stats [rows, 3]: a shift near the mean, the mean of what is left above
// it, and 1/√(variance + ε). The mean comes in two parts because float32 rounds it: far from 0, that error
// would be as large as the spread.

function statisticsOf(x: Floats, start: number, cols: number, eps: number): [number, number, number] {
  let sum = 0;
  for (let c = 0; c < cols; c++) sum += x[start + c];
  const shift = sum / cols;
  let [left, squares] = [0, 0];
  for (let c = 0; c < cols; c++) {
    left += x[start + c] - shift;
    squares += (x[start + c] - shift) ** 2;
  }
  const rest = left / cols;
  return [shift, rest, 1 / Math.sqrt(squares / cols - rest * rest + eps)];
}

/** y = x̂·w + b, where x̂ = (x − mean)/√(variance + ε) */
export function layerNorm(
  x: Floats,
  w: Floats,
  b: Floats,
  y: Floats,
  stats: Floats,
  rows: number,
  cols: number,
  eps: number,
): void {
  for (let r = 0; r < rows; r++) {
    const [shift, rest, scale] = statisticsOf(x, r * cols, cols, eps);
    stats.set([shift, rest, scale], 3 * r);
    for (let c = 0, i = r * cols; c < cols; c++, i++) y[i] = (x[i] - shift - rest) * scale * w[c] + b[c];
  }
}

/** dx = (ĝ − Σ ĝ/n − x̂·Σ ĝ·x̂/n)/√(variance + ε), with ĝ = g·w and n = cols */
// exercise: layer-norm-backward
export function layerNormGrad(
  x: Floats,
  w: Floats,
  stats: Floats,
  g: Floats,
  dx: Floats,
  rows: number,
  cols: number,
): void {
  for (let r = 0; r < rows; r++) {
    const [shift, rest, scale] = stats.subarray(3 * r);
    let [sum, dot] = [0, 0];
    for (let c = 0, i = r * cols; c < cols; c++, i++) {
      sum += g[i] * w[c];
      dot += g[i] * w[c] * (x[i] - shift - rest) * scale;
    }
    for (let c = 0, i = r * cols; c < cols; c++, i++) {
      const normal = (x[i] - shift - rest) * scale;
      dx[i] = scale * (g[i] * w[c] - sum / cols - (normal * dot) / cols);
    }
  }
}

/** dw = Σ g·x̂ over rows, which are `step` elements apart */
export function layerNormGradWeight(
  x: Floats,
  stats: Floats,
  g: Floats,
  dw: Floats,
  rows: number,
  cols: number,
  step: number,
): void {
  dw.fill(0, 0, cols);
  for (let r = 0; r < rows; r++) {
    const [shift, rest, scale] = stats.subarray(3 * r);
    for (let c = 0, i = r * step; c < cols; c++, i++) dw[c] += g[i] * (x[i] - shift - rest) * scale;
  }
}
