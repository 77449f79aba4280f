import type { Floats } from "../../00-runtime/arrays.ts";

// Batch normalisation of numbers [outer, channels, inner], which lie without gaps: planes have inner = H·W,
// channels that lie side by side inner = 1. The statistics are [channels] each: a shift near the mean, what the
// mean has above it (the rest, for float32 rounds the shift), and the variance.

/** y = x̂·w + b, or its positive part (relu 1), where x̂ = (x − mean)/√(variance + ε) */
export function batchNorm(
  x: Floats,
  w: Floats,
  b: Floats,
  shift: Floats,
  rest: Floats,
  variance: Floats,
  y: Floats,
  outer: number,
  channels: number,
  inner: number,
  eps: number,
  relu: number,
): void {
  for (let c = 0; c < channels; c++) {
    const scale = w[c] / Math.sqrt(variance[c] + eps);
    for (let o = 0; o < outer; o++) {
      for (let k = 0, i = (o * channels + c) * inner; k < inner; k++, i++) {
        const z = (x[i] - shift[c] - rest[c]) * scale + b[c];
        y[i] = relu ? Math.max(z, 0) : z;
      }
    }
  }
}

/** dw = Σ g·x̂ and db = Σ g over each channel, of outer ones that lie `step` apart; g counts where relu let through. */
export function batchNormSums(
  x: Floats,
  g: Floats,
  w: Floats,
  b: Floats,
  shift: Floats,
  rest: Floats,
  variance: Floats,
  dw: Floats,
  db: Floats,
  outer: number,
  channels: number,
  inner: number,
  step: number,
  eps: number,
  relu: number,
): void {
  for (let c = 0; c < channels; c++) {
    const scale = 1 / Math.sqrt(variance[c] + eps);
    let [dot, sum] = [0, 0];
    for (let o = 0; o < outer; o++) {
      for (let k = 0, i = o * step + c * inner; k < inner; k++, i++) {
        const normal = (x[i] - shift[c] - rest[c]) * scale;
        if (relu && !(normal * w[c] + b[c] > 0)) continue;
        dot += g[i] * normal;
        sum += g[i];
      }
    }
    dw[c] = dot;
    db[c] = sum;
  }
}

/**
 * dx = w/√(variance + ε)·(g − db/n − x̂·dw/n), where g counts only where relu let through. For statistics that do
 * not depend on x, dw and db are 0.
 */
// exercise: batch-norm-find-constants
export function batchNormGrad(
  x: Floats,
  g: Floats,
  w: Floats,
  b: Floats,
  shift: Floats,
  rest: Floats,
  variance: Floats,
  dw: Floats,
  db: Floats,
  dx: Floats,
  outer: number,
  channels: number,
  inner: number,
  eps: number,
  relu: number,
  n: number,
): void {
  for (let c = 0; c < channels; c++) {
    const scale = 1 / Math.sqrt(variance[c] + eps);
    for (let o = 0; o < outer; o++) {
      for (let k = 0, i = (o * channels + c) * inner; k < inner; k++, i++) {
        const normal = (x[i] - shift[c] - rest[c]) * scale;
        const gi = relu && !(normal * w[c] + b[c] > 0) ? 0 : g[i];
        dx[i] = w[c] * scale * (gi - db[c] / n - (normal * dw[c]) / n);
      }
    }
  }
}
