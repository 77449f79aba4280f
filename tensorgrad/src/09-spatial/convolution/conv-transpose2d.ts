import { checked, ShapeError } from "../../00-runtime/index.ts";
import { narrowed, type Tensor } from "../../01-tensor/index.ts";
import { type ConvOptions, checkOptions, type Geometry, type Pair, pair, reach } from "../geometry.ts";
import { checkFilters, checkImages } from "./checks.ts";
import { ConvolutionTransposed } from "./convolution.ts";

export interface ConvTransposeOptions extends Omit<ConvOptions, "padding"> {
  /** So many pixels are cut off at every side of the result. */
  readonly padding?: Pair;
  /** So many pixels more at the bottom and at the right: a stride leaves open which image size a convolution had. */
  readonly outputPadding?: Pair;
}

/**
 * The transpose of `conv2d` (its gradient with respect to the image), as an operation that makes images larger: every
 * element of x is spread over the pixels that a filter there would see.
 *
 *   y[n, o, i·s + k·d − p, j·s + l·d − p] += x[n, c, i, j] · w[c, o, k, l]
 *
 * Shapes    x [N, C, H, W], w [C, O/groups, K, L], b [O] → y [N, O, H′, W′], H′ = (H − 1)·s − 2p + d·(K − 1) + 1 + outputPadding
 * Gradient  x: g correlated with w; w: g correlated with x; b: Σ g over N, H′, W′
 * Cost      2·N·C·H·W·O/groups·K·L flops
 * Throws    ShapeError if channels differ or nothing is left of the image; RangeError for outputPadding as large as both
 *           stride and dilation, and for stride 0 and the like
 * ONNX      ConvTranspose
 * Source    Dumoulin & Visin 2016, A guide to convolution arithmetic, chapter 4
 */
export function convTranspose2d(
  x: Tensor,
  w: Tensor,
  b: Tensor | null = null,
  options: ConvTransposeOptions = {},
): Tensor {
  checked("convTranspose2d", options, ["stride", "dilation", "groups", "padding", "outputPadding"]);
  return spread("convTranspose2d", x, w, b, options);
}

/** `convTranspose2d`, for calls of other names. */
export function spread(
  call: string,
  x: Tensor,
  w: Tensor,
  b: Tensor | null,
  { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 }: ConvTransposeOptions,
): Tensor {
  [x, w, b] = narrowed(x, w, b);
  checkOptions(call, { stride, padding, dilation, groups });
  checkOutputPadding(call, outputPadding, { stride, dilation });
  checkFilters(call, w, groups, "C, O/groups, K, L");
  checkImages(call, x, w, b, { channels: w.shape[0], outputs: w.shape[1] * groups, groups });
  const geometry: Geometry = {
    stride: pair(stride),
    padding: pair(padding),
    dilation: pair(dilation),
    groups,
  };
  const size = [0, 1].map(
    (d) =>
      (x.shape[2 + d] - 1) * geometry.stride[d] -
      2 * geometry.padding[d] +
      reach(w.shape[2 + d], geometry.dilation[d]) +
      pair(outputPadding)[d],
  );
  if (size.some((n) => n < 1))
    throw new ShapeError(
      `${call}: images ${x.shape.slice(2).join("×")} become ${size.join("×")} — sizes must be 1 or more; ` +
        "use less padding",
    );
  return new ConvolutionTransposed(geometry, size).apply(...(b ? [x, w, b] : [x, w]));
}

function checkOutputPadding(
  call: string,
  outputPadding: Pair,
  { stride, dilation }: { readonly stride: Pair; readonly dilation: Pair },
): void {
  const given = pair(outputPadding);
  const below = [0, 1].map((d) => Math.max(pair(stride)[d], pair(dilation)[d]));
  if (given.every((n, d) => Number.isInteger(n) && n >= 0 && n < below[d])) return;
  throw new RangeError(
    `${call}: outputPadding ${JSON.stringify(outputPadding)} — must be a whole number, 0 or more, and below the stride or ` +
      `the dilation (here below ${below.join("×")})`,
  );
}
