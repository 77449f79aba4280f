/**
 * The product of integers that quantized layers are made of: exact, for every k below 66,000.
 *
 *   y[i, j] = Σₚ a[i, p]·w[j, p]
 *
 * a [m, k] and w [n, k] are contiguous; rows of y lie `yRow` apart.
 */
export function productInt8(
  a: Uint8Array,
  w: Int8Array,
  y: Int32Array,
  m: number,
  n: number,
  k: number,
  yRow: number,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p] * w[j * k + p];
      y[i * yRow + j] = sum;
    }
  }
}
