import { checked } from "../../00-runtime/index.ts";
import { narrowed, type Tensor } from "../../01-tensor/index.ts";
import { checkOptions } from "../geometry.ts";
import { checkFilters, checkImages } from "./checks.ts";
import { convolve } from "./conv2d.ts";

export interface Conv1dOptions {
  readonly stride?: number;
  readonly padding?: number | "same";
  readonly dilation?: number;
  readonly groups?: number;
}

/**
 * Cross-correlates a batch of sequences with a bank of filters: `conv2d` of images that are one pixel high.
 *
 *   y[n, o, j] = b[o] + Σ_{c,l} x[n, c, j·s + l·d − p] · w[o, c, l]
 *
 * Shapes    x [N, C, T], w [O, C/groups, L], b [O] → y [N, O, T′], T′ = ⌊(T + 2p − d·(L − 1) − 1)/s⌋ + 1
 * Gradient  as conv2d
 * Cost      2·N·O·T′·C/groups·L flops
 * Throws    as conv2d
 * ONNX      Conv, between two reshapes
 */
export function conv1d(x: Tensor, w: Tensor, b: Tensor | null = null, options: Conv1dOptions = {}): Tensor {
  checked("conv1d", options, ["stride", "padding", "dilation", "groups"]);
  return convolveLines("conv1d", x, w, b, options);
}

/** `conv1d`, for calls of other names. */
export function convolveLines(
  call: string,
  x: Tensor,
  w: Tensor,
  b: Tensor | null,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv1dOptions,
): Tensor {
  [x, w, b] = narrowed(x, w, b);
  checkOptions(call, { stride, padding, dilation, groups });
  checkFilters(call, w, groups, "O, C/groups, L");
  const [outputs, inputs] = w.shape;
  checkImages(call, x, w, b, { channels: inputs * groups, outputs, groups, image: "T" });
  const y = convolve(call, x.unsqueeze(2), w.unsqueeze(2), b, {
    stride: [1, stride],
    padding: padding === "same" ? padding : [0, padding],
    dilation: [1, dilation],
    groups,
  });
  return y.squeeze(2);
}
