import type { Floats } from "../../00-runtime/arrays.ts";

// `planes` planes [height, width] and, for every plane, what a filter of K×L sees: [K, L, outHeight, outWidth]. Its
// tap (k, l) lies at (i·s + k·d − p, j·s + l·d − p) for the output (i, j), with s, d and p of their own for rows and columns.

/** y = the pixels under every tap of the filter, 0 in the padding: im2col. */
// exercise: unfold-columns
export function unfold(
  x: Floats,
  y: Floats,
  planes: number,
  height: number,
  width: number,
  kernelHeight: number,
  kernelWidth: number,
  outHeight: number,
  outWidth: number,
  rowStride: number,
  colStride: number,
  top: number,
  left: number,
  rowStep: number,
  colStep: number,
): void {
  let o = 0;
  for (let n = 0; n < planes; n++) {
    for (let k = 0; k < kernelHeight; k++) {
      for (let l = 0; l < kernelWidth; l++) {
        for (let i = 0; i < outHeight; i++) {
          for (let j = 0; j < outWidth; j++, o++) {
            const [h, w] = [i * rowStride + k * rowStep - top, j * colStride + l * colStep - left];
            const inside = h >= 0 && h < height && w >= 0 && w < width;
            y[o] = inside ? x[(n * height + h) * width + w] : 0;
          }
        }
      }
    }
  }
}

/** x = the sum of all that lies under a pixel; what lies in the padding is dropped: col2im, the adjoint of unfold. */
export function fold(
  y: Floats,
  x: Floats,
  planes: number,
  height: number,
  width: number,
  kernelHeight: number,
  kernelWidth: number,
  outHeight: number,
  outWidth: number,
  rowStride: number,
  colStride: number,
  top: number,
  left: number,
  rowStep: number,
  colStep: number,
): void {
  x.fill(0, 0, planes * height * width);
  let o = 0;
  for (let n = 0; n < planes; n++) {
    for (let k = 0; k < kernelHeight; k++) {
      for (let l = 0; l < kernelWidth; l++) {
        for (let i = 0; i < outHeight; i++) {
          for (let j = 0; j < outWidth; j++, o++) {
            const [h, w] = [i * rowStride + k * rowStep - top, j * colStride + l * colStep - left];
            if (h >= 0 && h < height && w >= 0 && w < width) x[(n * height + h) * width + w] += y[o];
          }
        }
      }
    }
  }
}
