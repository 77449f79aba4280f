import type { Floats } from "../../00-runtime/arrays.ts";

// Batch normalisation, relu and max pooling of images [count, height, width, channels] in one pass: what lies between
// them is never stored. Statistics are those of batch-norm.reference.ts, windows those of max-pool.reference.ts; here
// they tile the image, so that every pixel belongs to one of them.

/** y = the largest max(x̂·w + b, 0) of each window, index = where it lies: the first of equals; NaN beats everything. */
export function poolNorm(
  x: Floats,
  y: Floats,
  index: Int32Array,
  rows: Int32Array,
  cols: Int32Array,
  count: number,
  channels: number,
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
  w: Floats,
  b: Floats,
  shift: Floats,
  rest: Floats,
  variance: Floats,
  eps: number,
): void {
  let o = 0;
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let c = 0; c < channels; c++, o++) {
          const scale = w[c] / Math.sqrt(variance[c] + eps);
          let [largest, at] = [-Infinity, -1];
          for (let h = rows[3 * i]; h < rows[3 * i + 1]; h++) {
            for (let k = cols[3 * j]; k < cols[3 * j + 1]; k++) {
              const value = x[((n * height + h) * width + k) * channels + c];
              const z = Math.max((value - shift[c] - rest[c]) * scale + b[c], 0);
              if (at < 0 || z > largest || Number.isNaN(z)) [largest, at] = [z, h * width + k];
            }
          }
          [y[o], index[o]] = [largest, at];
        }
      }
    }
  }
}

/** dw = Σ g·x̂ and db = Σ g over the winners of all windows that relu let through. `step` lies between pixels. */
export function poolNormSums(
  x: Floats,
  g: Floats,
  index: Int32Array,
  w: Floats,
  b: Floats,
  shift: Floats,
  rest: Floats,
  variance: Floats,
  dw: Floats,
  db: Floats,
  count: number,
  channels: number,
  inputs: number,
  outputs: number,
  step: number,
  eps: number,
): void {
  for (let c = 0; c < channels; c++) {
    const scale = 1 / Math.sqrt(variance[c] + eps);
    let [dot, sum] = [0, 0];
    for (let n = 0; n < count; n++) {
      for (let o = n * outputs; o < (n + 1) * outputs; o++) {
        const winner = x[(n * inputs + index[o * step + c]) * step + c];
        const normal = (winner - shift[c] - rest[c]) * scale;
        if (!(normal * w[c] + b[c] > 0)) continue;
        dot += g[o * step + c] * normal;
        sum += g[o * step + c];
      }
    }
    dw[c] = dot;
    db[c] = sum;
  }
}

/** dx = w/√(variance + ε)·(ĝ − db/n − x̂·dw/n), where ĝ is g for winners that relu let through, else 0. */
export function poolNormGrad(
  x: Floats,
  g: Floats,
  index: Int32Array,
  dx: Floats,
  rows: Int32Array,
  cols: Int32Array,
  count: number,
  channels: number,
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
  w: Floats,
  b: Floats,
  shift: Floats,
  rest: Floats,
  variance: Floats,
  dw: Floats,
  db: Floats,
  eps: number,
  total: number,
): void {
  let o = 0;
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let c = 0; c < channels; c++, o++) {
          const scale = 1 / Math.sqrt(variance[c] + eps);
          for (let h = rows[3 * i]; h < rows[3 * i + 1]; h++) {
            for (let k = cols[3 * j]; k < cols[3 * j + 1]; k++) {
              const at = ((n * height + h) * width + k) * channels + c;
              const normal = (x[at] - shift[c] - rest[c]) * scale;
              const wins = index[o] === h * width + k && normal * w[c] + b[c] > 0;
              dx[at] = w[c] * scale * ((wins ? g[o] : 0) - db[c] / total - (normal * dw[c]) / total);
            }
          }
        }
      }
    }
  }
}
