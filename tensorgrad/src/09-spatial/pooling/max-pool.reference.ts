import type { Floats } from "../../00-runtime/arrays.ts";

// Pooling of images [count, height, width, channels]; results are [count, outHeight, outWidth, channels]. Planes
// of a batch [N, C, H, W] are N·C images of one channel. `rows` and `cols` are tables of windows: for each output
// three whole numbers, the first input, the input after the last, and how many an average counts (windows.ts).

/**
 * y = the largest input of each window, index = where it lies in its image, row by row. The first of equals wins,
 * NaN beats everything, and the last NaN wins. A window without inputs has −∞ and the index −1.
 */
export function maxPool(
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
  rowStep: number,
  colStep: number,
): void {
  let o = 0;
  for (let n = 0; n < count; n++) {
    const image = n * height * width;
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let c = 0; c < channels; c++, o++) {
          let [largest, at] = [-Infinity, -1];
          for (let h = rows[3 * i]; h < rows[3 * i + 1]; h += rowStep) {
            for (let w = cols[3 * j]; w < cols[3 * j + 1]; w += colStep) {
              const value = x[(image + h * width + w) * channels + c];
              if (at < 0 || value > largest || Number.isNaN(value)) [largest, at] = [value, h * width + w];
            }
          }
          [y[o], index[o]] = [largest, at];
        }
      }
    }
  }
}

/** dx = each element of g added where the largest input of its window was: the adjoint of maxPool. */
export function maxPoolGrad(
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
  rowStep: number,
  colStep: number,
): void {
  dx.fill(0, 0, count * height * width * channels);
  let o = 0;
  for (let n = 0; n < count; n++) {
    const image = n * height * width;
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let c = 0; c < channels; c++, o++) {
          for (let h = rows[3 * i]; h < rows[3 * i + 1]; h += rowStep) {
            for (let w = cols[3 * j]; w < cols[3 * j + 1]; w += colStep) {
              if (index[o] === h * width + w) dx[(image + h * width + w) * channels + c] += g[o];
            }
          }
        }
      }
    }
  }
}

/** y = the element of v at each index, 0 for the index −1: the adjoint of maxPoolGrad. */
export function maxPoolTake(
  v: Floats,
  index: Int32Array,
  y: Floats,
  count: number,
  channels: number,
  inputs: number,
  outputs: number,
): void {
  let o = 0;
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < outputs; i++) {
      for (let c = 0; c < channels; c++, o++) {
        y[o] = index[o] < 0 ? 0 : v[(n * inputs + index[o]) * channels + c];
      }
    }
  }
}
