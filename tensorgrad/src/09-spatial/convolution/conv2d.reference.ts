import type { Floats } from "../../00-runtime/arrays.ts";

// Convolution as it is defined, and its two gradients: seven loops each, over images [N, C, H, W] and filters
// [O, C/groups, K, L]. All three walk the same terms y[n, o, i, j] ← x[n, c, h, v] · w[o, c, k, l]; they differ only in which
// of the three is summed to. Pixels outside the image are zeros, so their terms are skipped.

/** The numbers that all three loops take, in this order. */
type Sizes = [
  N: number,
  C: number,
  H: number,
  W: number,
  O: number,
  K: number,
  L: number,
  outH: number,
  outW: number,
  groups: number,
  strideH: number,
  strideW: number,
  top: number,
  left: number,
  dilationH: number,
  dilationW: number,
];

/** y[n, o, i, j] = b[o] + Σ_{c, k, l} x[n, c, i·stride + k·dilation − top, j·stride + l·dilation − left] · w[o, c, k, l] */
export function conv2d(x: Floats, w: Floats, b: Floats, y: Floats, ...sizes: Sizes): void {
  const [N, C, H, W, O, K, L, outH, outW, groups, strideH, strideW, top, left, dilationH, dilationW] = sizes;
  const [inputs, outputs] = [C / groups, O / groups];
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      const first = n * C + Math.floor(o / outputs) * inputs; // the first channel that this filter sees
      for (let i = 0; i < outH; i++) {
        for (let j = 0; j < outW; j++) {
          let sum = b[o];
          for (let c = 0; c < inputs; c++) {
            for (let k = 0; k < K; k++) {
              const h = i * strideH + k * dilationH - top;
              if (h < 0 || h >= H) continue;
              for (let l = 0; l < L; l++) {
                const v = j * strideW + l * dilationW - left;
                if (v < 0 || v >= W) continue;
                sum += x[((first + c) * H + h) * W + v] * w[((o * inputs + c) * K + k) * L + l];
              }
            }
          }
          y[((n * O + o) * outH + i) * outW + j] = sum;
        }
      }
    }
  }
}

/** dx[n, c, h, v] = b[c] + Σ g[n, o, i, j] · w[o, c, k, l]: every g is spread over the pixels that its filter saw. */
export function conv2dTransposed(g: Floats, w: Floats, b: Floats, dx: Floats, ...sizes: Sizes): void {
  const [N, C, H, W, O, K, L, outH, outW, groups, strideH, strideW, top, left, dilationH, dilationW] = sizes;
  const [inputs, outputs] = [C / groups, O / groups];
  for (let i = 0; i < N * C * H * W; i++) dx[i] = b[Math.floor(i / (H * W)) % C];
  for (let n = 0; n < N; n++) {
    for (let o = 0; o < O; o++) {
      const first = n * C + Math.floor(o / outputs) * inputs;
      for (let i = 0; i < outH; i++) {
        for (let j = 0; j < outW; j++) {
          const gradient = g[((n * O + o) * outH + i) * outW + j];
          for (let c = 0; c < inputs; c++) {
            for (let k = 0; k < K; k++) {
              const h = i * strideH + k * dilationH - top;
              if (h < 0 || h >= H) continue;
              for (let l = 0; l < L; l++) {
                const v = j * strideW + l * dilationW - left;
                if (v < 0 || v >= W) continue;
                dx[((first + c) * H + h) * W + v] += gradient * w[((o * inputs + c) * K + k) * L + l];
              }
            }
          }
        }
      }
    }
  }
}

/** dw[o, c, k, l] = Σ_{n, i, j} g[n, o, i, j] · x[n, c, i·stride + k·dilation − top, j·stride + l·dilation − left] */
// exercise: conv2d-weight-gradient
export function conv2dWeight(x: Floats, g: Floats, dw: Floats, ...sizes: Sizes): void {
  const [N, C, H, W, O, K, L, outH, outW, groups, strideH, strideW, top, left, dilationH, dilationW] = sizes;
  const [inputs, outputs] = [C / groups, O / groups];
  for (let o = 0; o < O; o++) {
    const first = Math.floor(o / outputs) * inputs;
    for (let c = 0; c < inputs; c++) {
      for (let k = 0; k < K; k++) {
        for (let l = 0; l < L; l++) {
          let sum = 0;
          for (let n = 0; n < N; n++) {
            for (let i = 0; i < outH; i++) {
              const h = i * strideH + k * dilationH - top;
              if (h < 0 || h >= H) continue;
              for (let j = 0; j < outW; j++) {
                const v = j * strideW + l * dilationW - left;
                if (v < 0 || v >= W) continue;
                sum += g[((n * O + o) * outH + i) * outW + j] * x[((n * C + first + c) * H + h) * W + v];
              }
            }
          }
          dw[((o * inputs + c) * K + k) * L + l] = sum;
        }
      }
    }
  }
}
