import { int64s, node, type OnnxNode, type OnnxOperand } from "../../01-tensor/index.ts";
import { type ConvSizes, reach } from "../geometry.ts";

// The three convolutions in ONNX's words. ONNX Runtime has no float64 kernel for Conv and ConvTranspose; `float64` says the
// same as a gather and a matrix product. No constant depends on the batch size.

/** y = Conv(x, w, b) */
export function onnxConv(sizes: ConvSizes, bias: boolean): OnnxNode {
  const operands = [0, 1, ...(bias ? [2] : [])];
  return { ...correlation(sizes, operands), float64: () => withBias(gathered(sizes), sizes.O, bias) };
}

/** Conv's node: pads at the end so large that H′ and W′ come out; where that would be negative, the rest is cut off. */
function correlation(sizes: ConvSizes, operands: readonly OnnxOperand[]): OnnxNode {
  const { H, W, K, L, outH, outW, stride, padding, dilation, groups } = sizes;
  const [image, kernel, output] = [
    [H, W],
    [K, L],
    [outH, outW],
  ];
  const used = output.map((n, d) => (n - 1) * stride[d] + reach(kernel[d], dilation[d]) - padding[d]);
  const after = used.map((n, d) => Math.max(0, n - image[d]));
  const comes = image.map(
    (n, d) => Math.floor((n + padding[d] + after[d] - reach(kernel[d], dilation[d])) / stride[d]) + 1,
  );
  const conv = node(
    "Conv",
    {
      kernel_shape: kernel,
      strides: stride,
      pads: [...padding, ...after],
      dilations: dilation,
      group: groups,
    },
    operands,
  );
  const fits = comes.every((n, d) => n === output[d]);
  return fits ? conv : node("Slice", {}, [conv, int64s(0, 0), int64s(...output), int64s(2, 3)]);
}

/** dx = ConvTranspose(g, w, b) */
export function onnxConvTranspose(sizes: ConvSizes, bias: boolean): OnnxNode {
  const { H, W, C, K, L, outH, outW, stride, padding, dilation, groups } = sizes;
  const kernel = [K, L];
  // So many pixels beyond the last tap of the last filter; negative: so many of those that it covers are cut off.
  const beyond = [H, W].map(
    (n, d) => n + padding[d] - ([outH, outW][d] - 1) * stride[d] - reach(kernel[d], dilation[d]),
  );
  // ONNX Runtime asks that output_padding is below the stride; no filter reaches what is left over.
  const outputPadding = beyond.map((n, d) => Math.min(Math.max(0, n), stride[d] - 1));
  const left = beyond.map((n, d) => Math.max(0, n) - outputPadding[d]);
  const padded = left.some((n) => n > 0);
  const transposed = node(
    "ConvTranspose",
    {
      kernel_shape: kernel,
      strides: stride,
      pads: [...padding, ...beyond.map((n) => Math.max(0, -n))],
      output_padding: outputPadding,
      dilations: dilation,
      group: groups,
    },
    [0, 1, ...(bias && !padded ? [2] : [])],
  );
  const whole = padded
    ? withBias(node("Pad", {}, [transposed, int64s(0, 0, 0, 0, 0, 0, ...left)]), C, bias)
    : transposed;
  return { ...whole, float64: () => withBias(gatheredTransposed(sizes), C, bias) };
}

/**
 * dw: the images are correlated with the gradients, image by image, so that images take the place of channels; stride and
 * dilation change places. In groups, every group's images are channels of its own.
 */
export function onnxConvWeight(sizes: ConvSizes): OnnxNode {
  const { N, C, O, K, L, H, W, outH, outW, stride, padding, dilation, groups } = sizes;
  const swap = (x: OnnxOperand) => node("Transpose", { perm: [1, 0, 2, 3] }, [x]);
  const grouped = node("Transpose", { perm: [2, 1, 0, 3, 4] }, [
    node("Reshape", {}, [0, int64s(0, groups, C / groups, H, W)]), // [N, groups, C/groups, H, W]
  ]);
  const images = groups === 1 ? swap(0) : node("Reshape", {}, [grouped, int64s(C / groups, -1, H, W)]);
  const swapped: ConvSizes = {
    ...{ N: C / groups, C: groups * N, H, W, O, K: outH, L: outW, outH: K, outW: L },
    ...{ stride: dilation, dilation: stride, padding, groups },
  };
  return { ...swap(correlation(swapped, [images, swap(1)])), float64: () => gatheredWeight(sizes) };
}

// ————————————————————————————————————————————————————————————————————————————— for engines without Conv

/** Every row: a tap (k, l); every column: an output (i, j); each number: which pixel that is, or H·W for the zeros around. */
function taps({ H, W, K, L, outH, outW, stride, padding, dilation }: ConvSizes): number[] {
  return table([K, L], [outH, outW], (k, l, i, j) => {
    const h = i * stride[0] + k * dilation[0] - padding[0];
    const v = j * stride[1] + l * dilation[1] - padding[1];
    return h < 0 || h >= H || v < 0 || v >= W ? H * W : h * W + v;
  });
}

/** The other way round: for every tap and pixel which output saw it there, or H′·W′ for none. */
function sightings({ H, W, K, L, outH, outW, stride, padding, dilation }: ConvSizes): number[] {
  return table([K, L], [H, W], (k, l, h, v) => {
    const i = (h + padding[0] - k * dilation[0]) / stride[0];
    const j = (v + padding[1] - l * dilation[1]) / stride[1];
    const seen = Number.isInteger(i) && Number.isInteger(j) && i >= 0 && i < outH && j >= 0 && j < outW;
    return seen ? i * outW + j : outH * outW;
  });
}

type Two = readonly [number, number];

function table([K, L]: Two, [P, Q]: Two, of: (k: number, l: number, p: number, q: number) => number) {
  return Array.from({ length: K * L * P * Q }, (_, at) =>
    of(Math.floor(at / (L * P * Q)), Math.floor(at / (P * Q)) % L, Math.floor(at / Q) % P, at % Q),
  );
}

const reshape = (x: OnnxOperand, ...shape: number[]) => node("Reshape", {}, [x, int64s(...shape)]);

/** Columns of `operand` [N, channels, pixels] by a table, with a zero after the last pixel: [N, groups, channels/groups·K·L, columns]. */
function columns(
  operand: number,
  channels: number,
  pixels: number,
  sizes: ConvSizes,
  table: readonly number[],
): OnnxNode {
  const taps = sizes.K * sizes.L;
  const padded = node("Pad", {}, [reshape(operand, 0, channels, pixels), int64s(0, 0, 0, 0, 0, 1)]);
  const indices = { dtype: "int64", shape: [taps, table.length / taps], data: table } as const;
  const { groups } = sizes;
  return reshape(
    node("Gather", { axis: 2 }, [padded, indices]), // [N, channels, K·L, columns]
    ...[0, groups, (channels / groups) * taps, table.length / taps],
  );
}

function gathered(sizes: ConvSizes): OnnxNode {
  const { C, O, H, W, outH, outW, groups } = sizes;
  const filters = reshape(1, groups, O / groups, -1);
  const product = node("MatMul", {}, [filters, columns(0, C, H * W, sizes, taps(sizes))]); // [N, groups, O/groups, H′·W′]
  return reshape(product, 0, O, outH, outW);
}

function gatheredTransposed(sizes: ConvSizes): OnnxNode {
  const { C, O, H, W, K, L, outH, outW, groups } = sizes;
  const split = reshape(1, groups, O / groups, C / groups, K * L);
  const filters = reshape(node("Transpose", { perm: [0, 2, 1, 3] }, [split]), groups, C / groups, -1);
  const product = node("MatMul", {}, [filters, columns(0, O, outH * outW, sizes, sightings(sizes))]); // [N, groups, C/groups, H·W]
  return reshape(product, 0, C, H, W);
}

function gatheredWeight(sizes: ConvSizes): OnnxNode {
  const { C, O, H, W, K, L, outH, outW, groups } = sizes;
  const seen = node("Transpose", { perm: [0, 1, 3, 2] }, [columns(0, C, H * W, sizes, taps(sizes))]);
  const products = node("MatMul", {}, [reshape(1, 0, groups, O / groups, outH * outW), seen]); // [N, groups, O/groups, C/groups·K·L]
  const sum = node("ReduceSum", { keepdims: 0 }, [products, int64s(0)]);
  return reshape(sum, O, C / groups, K, L);
}

const withBias = (y: OnnxNode, channels: number, bias: boolean): OnnxNode =>
  bias ? node("Add", {}, [y, reshape(2, channels, 1, 1)]) : y;
