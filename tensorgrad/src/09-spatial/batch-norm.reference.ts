import type { Floats } from "../00-runtime/arrays.ts";
import { divide, FLOAT, HEAVY, LIGHT, type Split } from "../00-runtime/split.ts";

// Batch normalisation of numbers [outer, channels, inner], which lie without gaps: planes have inner = H·W,
// channels that lie side by side inner = 1. The statistics are [channels] each: a shift near the mean, what the
// mean has above it (the rest, for float32 rounds the shift), and the variance.

/**
 * Divides by outer ones, or a single one by channels. `large` says which arguments are arrays as long as x, `own`
 * which have a number per channel; the sizes begin at argument `sizes`.
 */
const splitNorm =
  (large: readonly number[], own: readonly number[], sizes: number): Split =>
  (...args) => {
    const [outer, channels, inner] = args.slice(sizes);
    const part = (elements: number, channel: number, size: number, length: number) =>
      args.map((argument, i) => {
        if (i === size) return length;
        const moved = large.includes(i) ? elements : own.includes(i) ? channel : 0;
        return argument + FLOAT * moved;
      });
    const cost = channels * inner * LIGHT;
    if (outer > 1) return divide(outer, cost, (o, n) => part(o * channels * inner, 0, sizes, n), 1);
    return divide(channels, inner * LIGHT, (c, n) => part(c * inner, c, sizes + 1, n));
  };

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
batchNorm.split = splitNorm([0, 6], [1, 2, 3, 4, 5], 7);

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
batchNormSums.split = ((x, g, w, b, shift, rest, variance, dw, db, outer, channels, inner, ...others) =>
  divide(channels, outer * inner * HEAVY, (c, n) => {
    const perChannel = [w, b, shift, rest, variance, dw, db].map((array) => array + FLOAT * c);
    return [x + FLOAT * c * inner, g + FLOAT * c * inner, ...perChannel, outer, n, inner, ...others];
  })) satisfies Split;

/**
 * dx = w/√(variance + ε)·(g − db/n − x̂·dw/n), where g counts only where relu let through. For statistics that do
 * not depend on x, dw and db are 0.
 */
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
batchNormGrad.split = splitNorm([0, 1, 9], [2, 3, 4, 5, 6, 7, 8], 10);
