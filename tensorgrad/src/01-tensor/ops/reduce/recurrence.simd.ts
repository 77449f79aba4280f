import { scratch } from "../../../00-runtime/simd/scratch.simd";

/** Elements side by side, for which scratch has room. */
const MAX_WIDTH: usize = 1024;

/**
 * y[j] = g[j] + a[j]·y[j − 1], row after row, with the last row in float64 in scratch; from the end a[j + 1]·y[j + 1] is added.
 */
export function recurrence(
  g: usize, a: usize, y: usize, outer: usize, n: usize, inner: usize, reverse: usize,
): void {
  const row = inner << 2;
  const link = reverse ? row : 0;
  for (let o: usize = 0; o < outer; o++, g += n * row, a += n * row, y += n * row) {
    for (let c: usize = 0; c < inner; c += MAX_WIDTH) {
      const width = min(MAX_WIDTH, inner - c);
      for (let j: usize = 0; j < n; j++) {
        const at = (reverse ? n - 1 - j : j) * row + (c << 2);
        if (j == 0) beginRow(g + at, y + at, width);
        else linkRow(g + at, a + at + link, y + at, width);
      }
    }
  }
}

@inline
function beginRow(g: usize, y: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const value = load<f32>(g + (i << 2));
    store<f64>(scratch + (i << 3), <f64>value);
    store<f32>(y + (i << 2), value);
  }
}

@inline
function linkRow(g: usize, a: usize, y: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) {
    const last = scratch + (i << 3);
    const value = <f64>load<f32>(g + (i << 2)) + <f64>load<f32>(a + (i << 2)) * load<f64>(last);
    store<f64>(last, value);
    store<f32>(y + (i << 2), <f32>value);
  }
}
