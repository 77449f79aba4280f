import type { Floats } from "../../00-runtime/arrays.ts";

// Images [count, height, width, channels] as in max-pool.reference.ts. `rows` and `cols` hold, for each output, the
// two inputs between which it lies; `below` and `right`, how much the second one counts.

/** y = a weighted mean of the (at most four) inputs around each output. Inputs that do not count are not looked at. */
export function interpolate(
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
  below: Floats,
  right: Floats,
): void {
  let o = 0;
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let c = 0; c < channels; c++, o++) {
          let sum = 0;
          for (let k = 0; k < 4; k++) {
            const share = (k & 2 ? below[i] : 1 - below[i]) * (k & 1 ? right[j] : 1 - right[j]);
            const [h, w] = [rows[2 * i + (k >> 1)], cols[2 * j + (k & 1)]];
            if (share !== 0) sum += share * x[((n * height + h) * width + w) * channels + c];
          }
          y[o] = sum;
        }
      }
    }
  }
}

/** dx = each element of g, shared out among the inputs around it: the adjoint of interpolate. */
export function interpolateGrad(
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
  below: Floats,
  right: Floats,
): void {
  dx.fill(0, 0, count * height * width * channels);
  let o = 0;
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        for (let c = 0; c < channels; c++, o++) {
          for (let k = 0; k < 4; k++) {
            const share = (k & 2 ? below[i] : 1 - below[i]) * (k & 1 ? right[j] : 1 - right[j]);
            const [h, w] = [rows[2 * i + (k >> 1)], cols[2 * j + (k & 1)]];
            if (share !== 0) dx[((n * height + h) * width + w) * channels + c] += share * g[o];
          }
        }
      }
    }
  }
}
