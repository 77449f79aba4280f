/**
 * The fields that a filter sees, as rows: x [H, W, C] of bytes → y [outH·outW, K·L·C]. Outside of the image stands `zero`.
 *
 * Row i·outW + j holds x[i·strideH + k·dilationH − top, j·strideW + l·dilationW − left, c] at (k·L + l)·C + c, from row `first` on.
 */
export function bytePatches(
  x: Uint8Array,
  y: Uint8Array,
  H: number,
  W: number,
  C: number,
  K: number,
  L: number,
  outW: number,
  strideH: number,
  strideW: number,
  dilationH: number,
  dilationW: number,
  top: number,
  left: number,
  zero: number,
  first: number,
  count: number,
): void {
  for (let row = first, at = 0; row < first + count; row++) {
    const [i, j] = [Math.floor(row / outW), row % outW];
    for (let k = 0; k < K; k++) {
      for (let l = 0; l < L; l++) {
        const [h, w] = [i * strideH + k * dilationH - top, j * strideW + l * dilationW - left];
        const inside = h >= 0 && h < H && w >= 0 && w < W;
        for (let c = 0; c < C; c++) y[at++] = inside ? x[(h * W + w) * C + c] : zero;
      }
    }
  }
}
