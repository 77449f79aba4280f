import type { Exercise } from "../../exercise.ts";

export const conv2dWeightGradient: Exercise = {
  id: "conv2d-weight-gradient",
  title: "conv2d: the gradient of the filters",
  points: 30,
  part: "implementation",
  kind: "derive",
  source: "tensorgrad/src/09-spatial/convolution/conv2d.reference.ts",
  note: "09-spatial#the-rule",
  task:
    "First on paper: write conv2d as one sum over products x·w, and take the derivative for one weight w[o, c, k, l]. " +
    "Over which indices do you sum, and which pixel stands beside g[n, o, i, j]? Compare with *By hand first* in note 09. " +
    "Then write `conv2dWeight`, with stride, padding, dilation and groups. Filters of a group see only its own channels.",
  hints: [
    "Which outputs does one weight take part in?",
    "One weight is used at every place of every image. Its gradient is the sum of g times the pixel that it met there. Pixels in the padding are 0.",
    "dw[o, c, k, l] = Σ over n, i, j of g[n, o, i, j]·x[n, first + c, i·stride + k·dilation − top, j·stride + l·dilation − left], first = ⌊o/outputs⌋·inputs",
    "for o, c, k, l: sum ← 0; for n, i, j: h, v ← the place of the pixel; skip it outside of the image; sum += g·x; dw ← sum. inputs = C/groups, outputs = O/groups",
  ],
  mistakes: [
    {
      name: "gradients with stride and dilation swapped",
      fault: "conv2d: gradients with stride and dilation swapped",
      wrong: `const [N, C, H, W, O, K, L, outH, outW, groups, strideH, strideW, top, left, dilationH, dilationW] = sizes;
const [inputs, outputs] = [C / groups, O / groups];
for (let o = 0; o < O; o++) {
  const first = Math.floor(o / outputs) * inputs;
  for (let c = 0; c < inputs; c++)
    for (let k = 0; k < K; k++)
      for (let l = 0; l < L; l++) {
        let sum = 0;
        for (let n = 0; n < N; n++) {
          for (let i = 0; i < outH; i++)
            for (let j = 0; j < outW; j++) {
              const [h, v] = [i * dilationH + k * strideH - top, j * dilationW + l * strideW - left];
              if (h < 0 || h >= H || v < 0 || v >= W) continue;
              sum += g[((n * O + o) * outH + i) * outW + j] * x[((n * C + first + c) * H + h) * W + v];
            }
        }
        dw[((o * inputs + c) * K + k) * L + l] = sum;
      }
}`,
      says: "Your pixel moves by the dilation from output to output. Outputs are a stride apart, taps a dilation.",
    },
    {
      name: "the padding is forgotten",
      wrong: `const [N, C, H, W, O, K, L, outH, outW, groups, strideH, strideW, top, left, dilationH, dilationW] = sizes;
const [inputs, outputs] = [C / groups, O / groups];
for (let o = 0; o < O; o++) {
  const first = Math.floor(o / outputs) * inputs;
  for (let c = 0; c < inputs; c++)
    for (let k = 0; k < K; k++)
      for (let l = 0; l < L; l++) {
        let sum = 0;
        for (let n = 0; n < N; n++) {
          for (let i = 0; i < outH; i++)
            for (let j = 0; j < outW; j++) {
              const [h, v] = [i * strideH + k * dilationH, j * strideW + l * dilationW];
              if (h < 0 || h >= H || v < 0 || v >= W) continue;
              sum += g[((n * O + o) * outH + i) * outW + j] * x[((n * C + first + c) * H + h) * W + v];
            }
        }
        dw[((o * inputs + c) * K + k) * L + l] = sum;
      }
}`,
      says: "With padding your gradient is off by as many pixels. The first output begins outside of the image.",
    },
    {
      name: "only the last image counts",
      wrong: `const [N, C, H, W, O, K, L, outH, outW, groups, strideH, strideW, top, left, dilationH, dilationW] = sizes;
const [inputs, outputs] = [C / groups, O / groups];
for (let o = 0; o < O; o++) {
  const first = Math.floor(o / outputs) * inputs;
  for (let c = 0; c < inputs; c++)
    for (let k = 0; k < K; k++)
      for (let l = 0; l < L; l++) {
        let sum = 0;
        for (let n = 0; n < N; n++) {
          sum = 0;
          for (let i = 0; i < outH; i++)
            for (let j = 0; j < outW; j++) {
              const [h, v] = [i * strideH + k * dilationH - top, j * strideW + l * dilationW - left];
              if (h < 0 || h >= H || v < 0 || v >= W) continue;
              sum += g[((n * O + o) * outH + i) * outW + j] * x[((n * C + first + c) * H + h) * W + v];
            }
        }
        dw[((o * inputs + c) * K + k) * L + l] = sum;
      }
}`,
      says: "One filter serves all images of the batch, so its gradient is a sum over them. Your sum begins anew with each.",
    },
    {
      name: "every group sees the first channels",
      wrong: `const [N, C, H, W, O, K, L, outH, outW, groups, strideH, strideW, top, left, dilationH, dilationW] = sizes;
const [inputs, outputs] = [C / groups, O / groups];
for (let o = 0; o < O; o++) {
  const first = 0;
  for (let c = 0; c < inputs; c++)
    for (let k = 0; k < K; k++)
      for (let l = 0; l < L; l++) {
        let sum = 0;
        for (let n = 0; n < N; n++) {
          for (let i = 0; i < outH; i++)
            for (let j = 0; j < outW; j++) {
              const [h, v] = [i * strideH + k * dilationH - top, j * strideW + l * dilationW - left];
              if (h < 0 || h >= H || v < 0 || v >= W) continue;
              sum += g[((n * O + o) * outH + i) * outW + j] * x[((n * C + first + c) * H + h) * W + v];
            }
        }
        dw[((o * inputs + c) * K + k) * L + l] = sum;
      }
}`,
      says: "With groups, your filters of the second group look at the channels of the first. Where does their part begin?",
    },
  ],
};
