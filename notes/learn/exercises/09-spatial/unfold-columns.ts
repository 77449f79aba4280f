import type { Exercise } from "../../exercise.ts";

export const unfoldColumns: Exercise = {
  id: "unfold-columns",
  title: "im2col: what a filter sees",
  points: 25,
  part: "implementation",
  kind: "write",
  source: "tensorgrad/src/09-spatial/resampling/unfold.reference.ts",
  note: "09-spatial#a-picture",
  task:
    "Write what a filter sees of an image, for every tap and every place: y is [planes, K, L, H′, W′]. " +
    "Tap (k, l) lies at row i·rowStride + k·rowStep − top for output row i; columns likewise. " +
    "`rowStep` is the dilation, `top` and `left` are the padding. Outside of the image stands 0. A convolution is then one product of matrices.",
  hints: [
    "Which pixel does the tap (k, l) of the filter meet when the filter stands at output (i, j)?",
    "Outputs move by the stride, taps lie a dilation apart, and the padding shifts everything up and to the left. The second half of the picture in note 09 shows the result.",
    "h = i·rowStride + k·rowStep − top, w = j·colStride + l·colStep − left; y = x[(n·height + h)·width + w] if 0 ≤ h < height and 0 ≤ w < width, else 0",
    "o ← 0; for n, k, l, i, j in this order: compute h and w; y[o] ← the pixel if it is inside, else 0; o ← o + 1",
  ],
  mistakes: [
    {
      name: "stride and dilation swapped",
      wrong: `let o = 0;
for (let n = 0; n < planes; n++)
  for (let k = 0; k < kernelHeight; k++)
    for (let l = 0; l < kernelWidth; l++)
      for (let i = 0; i < outHeight; i++)
        for (let j = 0; j < outWidth; j++) {
        const [h, w] = [i * rowStep + k * rowStride - top, j * colStep + l * colStride - left];
        const inside = h >= 0 && h < height && w >= 0 && w < width;
        y[o++] = inside ? x[(n * height + h) * width + w] : 0;
      }`,
      says: "Outputs lie a stride apart, taps a dilation. You have them the other way round; with both 1 nobody sees it.",
    },
    {
      name: "the padding is added",
      wrong: `let o = 0;
for (let n = 0; n < planes; n++)
  for (let k = 0; k < kernelHeight; k++)
    for (let l = 0; l < kernelWidth; l++)
      for (let i = 0; i < outHeight; i++)
        for (let j = 0; j < outWidth; j++) {
        const [h, w] = [i * rowStride + k * rowStep + top, j * colStride + l * colStep + left];
        const inside = h >= 0 && h < height && w >= 0 && w < width;
        y[o++] = inside ? x[(n * height + h) * width + w] : 0;
      }`,
      says: "Your first output looks beyond the padding, to the lower right. It has to begin in the zeros above and left of the image.",
    },
    {
      name: "the edge is repeated",
      wrong: `let o = 0;
for (let n = 0; n < planes; n++)
  for (let k = 0; k < kernelHeight; k++)
    for (let l = 0; l < kernelWidth; l++)
      for (let i = 0; i < outHeight; i++)
        for (let j = 0; j < outWidth; j++) {
        const [h, w] = [i * rowStride + k * rowStep - top, j * colStride + l * colStep - left];
        const [row, column] = [Math.min(Math.max(h, 0), height - 1), Math.min(Math.max(w, 0), width - 1)];
        y[o++] = x[(n * height + row) * width + column];
      }`,
      says: "Taps outside of the image see its nearest pixel in your code. This padding is made of zeros.",
    },
    {
      name: "places before taps",
      wrong: `let o = 0;
for (let n = 0; n < planes; n++)
  for (let i = 0; i < outHeight; i++)
    for (let j = 0; j < outWidth; j++)
      for (let k = 0; k < kernelHeight; k++)
        for (let l = 0; l < kernelWidth; l++) {
        const [h, w] = [i * rowStride + k * rowStep - top, j * colStride + l * colStep - left];
        const inside = h >= 0 && h < height && w >= 0 && w < width;
        y[o++] = inside ? x[(n * height + h) * width + w] : 0;
      }`,
      says: "All numbers are there, in another order. A row of y belongs to one tap, its columns are the places.",
    },
  ],
};
