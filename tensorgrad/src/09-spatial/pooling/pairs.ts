// Windows of 2×2 over images [N, H, W, C], as the reference loops of convolutions see them.

type Floats = Float32Array | Float64Array;

/** Place of pixel (h, v) of a window's image in arrays of windows. */
const windowAt = (n: number, h: number, v: number, c: number, H: number, W: number, C: number): number =>
  ((n * (H >> 1) + (h >> 1)) * (W >> 1) + (v >> 1)) * C + c;

/** Of the gradient of an image, one number: its window's, where the window took this pixel. */
export function spreadPixel(
  g: Floats,
  index: Int32Array,
  n: number,
  h: number,
  v: number,
  c: number,
  H: number,
  W: number,
  C: number,
): number {
  if (h < 0 || h >= H || v < 0 || v >= W) return 0;
  const at = windowAt(n, h, v, c, H, W, C);
  return index[at] === h * W + v ? g[at] : 0;
}

/** Stores the largest of the window that begins at pixel (h, v), and which pixel it is. */
export function poolPixels(
  y: Floats,
  index: Int32Array,
  n: number,
  h: number,
  v: number,
  c: number,
  H: number,
  W: number,
  C: number,
  valueAt: (row: number, col: number) => number,
): void {
  const at = windowAt(n, h, v, c, H, W, C);
  [y[at], index[at]] = [valueAt(0, 0), h * W + v];
  for (const [k, l] of [
    [0, 1],
    [1, 0],
    [1, 1],
  ]) {
    const value = valueAt(k, l);
    if (value > y[at] || Number.isNaN(value)) [y[at], index[at]] = [value, (h + k) * W + v + l];
  }
}
