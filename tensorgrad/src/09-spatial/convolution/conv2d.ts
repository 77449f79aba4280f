import { checked } from "../../00-runtime/index.ts";
import { narrowed, type Tensor } from "../../01-tensor/index.ts";
import {
  type ConvOptions,
  checkOptions,
  convSizes,
  type Geometry,
  outputSizes,
  pair,
  sidesOf,
} from "../geometry.ts";
import { maxPool2d } from "../pooling/pool.ts";
import { checkFilters, checkImages } from "./checks.ts";
import { Convolution } from "./convolution.ts";
import { canPool, PooledConvolution } from "./pooled-convolution.ts";

/**
 * Cross-correlates a batch of images with a bank of filters.
 *
 *   y[n, o, i, j] = b[o] + Σ_{c,k,l} x[n, c, i·s + k·d − p, j·s + l·d − p] · w[o, c, k, l]
 *
 * Shapes    x [N, C, H, W], w [O, C/groups, K, L], b [O] → y [N, O, H′, W′], H′ = ⌊(H + 2p − d·(K − 1) − 1)/s⌋ + 1
 * Gradient  x: a transposed convolution of g with w; w: x correlated with g; b: Σ g over N, H′, W′
 * Cost      2·N·O·H′·W′·C/groups·K·L flops; memory of y, which lies channels last in float32
 * Throws    ShapeError if the channel counts differ or the filter exceeds the padded image; RangeError for stride 0,
 *           negative padding and the like
 * ONNX      Conv
 * Source    Dumoulin & Visin 2016, A guide to convolution arithmetic
 */
export function conv2d(x: Tensor, w: Tensor, b: Tensor | null = null, options: ConvOptions = {}): Tensor {
  checked("conv2d", options, ["stride", "padding", "dilation", "groups"]);
  return convolve("conv2d", x, w, b, options);
}

/** `conv2d`, for calls of other names. */
export function convolve(call: string, x: Tensor, w: Tensor, b: Tensor | null, options: ConvOptions): Tensor {
  [x, w, b] = narrowed(x, w, b);
  const { geometry, size } = geometryOf(call, x, w, b, options);
  return new Convolution(geometry, size).apply(...(b ? [x, w, b] : [x, w]));
}

/** The largest of every 2×2 of a convolution, in one pass where that is possible; results are those of `maxPool2d` after it. */
export function convolvePooled(
  call: string,
  x: Tensor,
  w: Tensor,
  b: Tensor | null,
  options: ConvOptions,
): Tensor {
  [x, w, b] = narrowed(x, w, b);
  const { geometry, size } = geometryOf(call, x, w, b, options);
  if (!canPool(x, convSizes(x.shape, w.shape, size, geometry)))
    return maxPool2d(new Convolution(geometry, size).apply(...(b ? [x, w, b] : [x, w])), 2);
  return new PooledConvolution(geometry, size).apply(...(b ? [x, w, b] : [x, w]));
}

function geometryOf(
  call: string,
  x: Tensor,
  w: Tensor,
  b: Tensor | null,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions,
): { readonly geometry: Geometry; readonly size: [number, number] } {
  checkOptions(call, { stride, padding, dilation, groups });
  checkFilters(call, w, groups, "O, C/groups, K, L");
  checkImages(call, x, w, b, { channels: w.shape[1] * groups, outputs: w.shape[0], groups });
  const kernel = [w.shape[2], w.shape[3]] as const;
  const { before, after } = sidesOf(call, kernel, { stride, padding, dilation });
  const geometry: Geometry = { stride: pair(stride), padding: before, dilation: pair(dilation), groups };
  return { geometry, size: outputSizes(call, x.shape.slice(2), kernel, geometry, before, after) };
}
