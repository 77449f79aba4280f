import type { Floats } from "../../00-runtime/arrays.ts";

// Images, results and tables of windows as in max-pool.reference.ts.

/** y = Σ of each window, divided by what its row and its column count. */
export function averagePool(
  x: Floats,
  y: Floats,
  rows: Int32Array,
  cols: Int32Array,
  count: number,
  channels: number,
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
): void {
  let o = 0;
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let c = 0; c < channels; c++, o++) {
          let sum = 0;
          for (let h = rows[3 * i]; h < rows[3 * i + 1]; h++) {
            for (let w = cols[3 * j]; w < cols[3 * j + 1]; w++) {
              sum += x[((n * height + h) * width + w) * channels + c];
            }
          }
          y[o] = sum / (rows[3 * i + 2] * cols[3 * j + 2]);
        }
      }
    }
  }
}

/** dx = each element of g, divided like its average, added to every input of its window: the adjoint of averagePool. */
export function averagePoolGrad(
  g: Floats,
  dx: Floats,
  rows: Int32Array,
  cols: Int32Array,
  count: number,
  channels: number,
  height: number,
  width: number,
  outHeight: number,
  outWidth: number,
): void {
  dx.fill(0, 0, count * height * width * channels);
  let o = 0;
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let c = 0; c < channels; c++, o++) {
          const share = g[o] / (rows[3 * i + 2] * cols[3 * j + 2]);
          for (let h = rows[3 * i]; h < rows[3 * i + 1]; h++) {
            for (let w = cols[3 * j]; w < cols[3 * j + 1]; w++) {
              dx[((n * height + h) * width + w) * channels + c] += share;
            }
          }
        }
      }
    }
  }
}
