import type { Floats } from "../../00-runtime/arrays.ts";

// Convolution with one filter per channel, which sees that channel alone: no sums over channels, so no matrix products. Images lie
// channels last, filters as [K, L, C].

/** In the order of the table `sizes`. */
type Sizes = [
  N: number,
  H: number,
  W: number,
  C: number,
  outH: number,
  outW: number,
  K: number,
  L: number,
  strideH: number,
  strideW: number,
  top: number,
  left: number,
  dilationH: number,
  dilationW: number,
];

/** y[p, c] = b[c] + Σ x[pixel behind tap (k, l) at p, c] · w[k, l, c], for `count` lines of outputs. */
export function depthwiseImages(
  x: Floats,
  w: Floats,
  b: Floats,
  y: Floats,
  sizes: Int32Array,
  first: number,
  count: number,
  _cost: number,
  _base: number,
): void {
  const [, , , C, , outW] = sizes as unknown as Sizes;
  for (let p = first * outW; p < (first + count) * outW; p++) for (let c = 0; c < C; c++) y[p * C + c] = b[c];
  eachTap(sizes, first, count, (p, at, tap) => {
    for (let c = 0; c < C; c++) y[p * C + c] += x[at * C + c] * w[tap * C + c];
  });
}

/** dx[pixel, c] = b[c] + Σ g[p, c] · w[k, l, c] over the outputs p that see the pixel through (k, l); for `count` images. */
export function depthwiseTransposed(
  g: Floats,
  w: Floats,
  b: Floats,
  dx: Floats,
  sizes: Int32Array,
  first: number,
  count: number,
  _cost: number,
  _base: number,
): void {
  const [, H, W, C, outH] = sizes as unknown as Sizes;
  for (let i = first * H * W * C; i < (first + count) * H * W * C; i++) dx[i] = b[i % C];
  eachTap(sizes, first * outH, count * outH, (p, at, tap) => {
    for (let c = 0; c < C; c++) dx[at * C + c] += g[p * C + c] * w[tap * C + c];
  });
}

/** sums[slot, k, l, c] = Σ x[pixel behind tap (k, l) at p, c] · g[p, c], over the lines of a slot. */
export function depthwiseSums(
  x: Floats,
  g: Floats,
  sums: Floats,
  sizes: Int32Array,
  slots: number,
  first: number,
  count: number,
  _cost: number,
  _base: number,
): void {
  const [N, , , C, outH, , K, L] = sizes as unknown as Sizes;
  for (let slot = first; slot < first + count; slot++) {
    const into = slot * K * L * C;
    sums.fill(0, into, into + K * L * C);
    const [from, to] = [slot, slot + 1].map((s) => Math.floor((s * N * outH) / slots));
    eachTap(sizes, from, to - from, (p, at, tap) => {
      for (let c = 0; c < C; c++) sums[into + tap * C + c] += x[at * C + c] * g[p * C + c];
    });
  }
}

/** For every output of some lines and every tap that lies inside of its image: the output, the pixel, the tap. */
function eachTap(
  sizes: Int32Array,
  line: number,
  lines: number,
  visit: (output: number, pixel: number, tap: number) => void,
): void {
  const [, H, W, , outH, outW, K, L, strideH, strideW, top, left, dilationH, dilationW] =
    sizes as unknown as Sizes;
  for (let p = line * outW; p < (line + lines) * outW; p++) {
    const [n, i, j] = [Math.floor(p / (outH * outW)), Math.floor(p / outW) % outH, p % outW];
    for (let k = 0; k < K; k++) {
      const h = i * strideH + k * dilationH - top;
      if (h < 0 || h >= H) continue;
      for (let l = 0; l < L; l++) {
        const v = j * strideW + l * dilationW - left;
        if (v >= 0 && v < W) visit(p, (n * H + h) * W + v, k * L + l);
      }
    }
  }
}
