import { checked, kernels, ShapeError, show } from "../../00-runtime/index.ts";
import {
  expectTensor,
  Function,
  float,
  type Gradient,
  int64s,
  node,
  type OnnxConstant,
  type OnnxNode,
  type Tensor,
} from "../../01-tensor/index.ts";
import { type Pair, pair } from "../geometry.ts";
import { checkPair, type Slide, slidingWindows } from "../pooling/windows.ts";
import * as reference from "./unfold.reference.ts";
import * as split from "./unfold.split.ts";

const kernel = kernels(reference, split);

/** Where the taps of a filter lie on images of one size. */
interface Taps {
  readonly image: readonly [height: number, width: number];
  readonly slides: readonly [rows: Slide, cols: Slide];
  readonly outputs: readonly [height: number, width: number];
}

/** Everything that kernels ask of it, in their order. */
const numbersOf = ({ image, slides: [a, b], outputs }: Taps) =>
  [
    ...image,
    a.kernel,
    b.kernel,
    ...outputs,
    a.stride,
    b.stride,
    a.padding,
    b.padding,
    a.dilation,
    b.dilation,
  ] as const;

const tapsOf = ({ slides: [a, b] }: Taps): number => a.kernel * b.kernel;
const placesOf = ({ outputs: [h, w] }: Taps): number => h * w;

/**
 * What a filter sees of an image, as a matrix: a column for every place, a row for every tap and channel.
 *
 * Shapes    x [N, C, H, W] → y [N, C·K·L, H′·W′]
 * Gradient  every element of g added to its pixel: FoldColumns
 * ONNX      Pad and Gather
 */
export class UnfoldColumns extends Function {
  readonly taps: Taps;
  constructor(taps: Taps) {
    super();
    this.taps = taps;
  }
  forward(given: Tensor): Tensor {
    const x = given.contiguous();
    const [N, C] = x.shape;
    const y = x.newEmpty([N, C * tapsOf(this.taps), placesOf(this.taps)]);
    kernel.unfold(x, y, N * C, ...numbersOf(this.taps));
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => new FoldColumns(this.taps).apply(g)];
  }
  override onnx(): OnnxNode {
    const { taps } = this;
    const sides = taps.slides.map(({ padding }) => padding);
    const padded = node("Pad", {}, [0, int64s(...sides, ...sides), float(0), int64s(2, 3)]);
    const flat = node("Reshape", {}, [padded, int64s(0, 0, -1)]); // [N, C, (H + 2p)·(W + 2p)]
    const taken = node("Gather", { axis: 2 }, [flat, positions(taps)]); // [N, C, K·L, H′·W′]
    const channels = this.prev[0].shape[1];
    return node("Reshape", {}, [taken, int64s(-1, channels * tapsOf(taps), placesOf(taps))]);
  }
}

/**
 * Columns put back where they were taken from, and added up: the adjoint of UnfoldColumns.
 *
 * Shapes    y [N, C·K·L, H′·W′] → x [N, C, H, W]
 * Gradient  g, unfolded
 * ONNX      ScatterElements with reduction add, and Slice
 */
export class FoldColumns extends Function {
  readonly taps: Taps;
  constructor(taps: Taps) {
    super();
    this.taps = taps;
  }
  forward(given: Tensor): Tensor {
    const y = given.contiguous();
    const N = y.shape[0];
    const C = y.shape[1] / tapsOf(this.taps);
    const x = y.newEmpty([N, C, ...this.taps.image]);
    kernel.fold(y, x, N * C, ...numbersOf(this.taps));
    return x;
  }
  backward(g: Tensor): Gradient[] {
    return [() => new UnfoldColumns(this.taps).apply(g)];
  }
  override onnx(): OnnxNode {
    const { taps } = this;
    const [H, W] = paddedSizes(taps);
    const places = positions(taps);
    const columns = node("Reshape", {}, [0, int64s(-1, places.data.length)]); // [N·C, K·L·H′·W′]
    const index = node("Expand", {}, [
      { ...places, shape: [1, places.data.length] },
      node("Shape", {}, [columns]),
    ]);
    const planes = node("Slice", {}, [node("Shape", {}, [columns]), int64s(0), int64s(1), int64s(0)]);
    const zeros = node("Expand", {}, [float(0), node("Concat", { axis: 0 }, [planes, int64s(H * W)])]);
    const sums = node("ScatterElements", { axis: 1, reduction: "add" }, [zeros, index, columns]);
    const channels = this.prev[0].shape[1] / tapsOf(taps);
    const padded = node("Reshape", {}, [sums, int64s(-1, channels, H, W)]);
    const starts = taps.slides.map(({ padding }) => padding);
    const ends = starts.map((start, d) => start + taps.image[d]);
    return node("Slice", {}, [padded, int64s(...starts), int64s(...ends), int64s(2, 3)]);
  }
}

const paddedSizes = ({ image, slides }: Taps): number[] => image.map((n, d) => n + 2 * slides[d].padding);

/** [K·L, H′·W′]: where every tap of every place lies in the padded plane. */
function positions(taps: Taps): OnnxConstant {
  const [a, b] = taps.slides;
  const width = paddedSizes(taps)[1];
  const data: number[] = [];
  for (let k = 0; k < a.kernel; k++)
    for (let l = 0; l < b.kernel; l++)
      for (let i = 0; i < taps.outputs[0]; i++)
        for (let j = 0; j < taps.outputs[1]; j++)
          data.push((i * a.stride + k * a.dilation) * width + j * b.stride + l * b.dilation);
  return { dtype: "int64", shape: [tapsOf(taps), placesOf(taps)], data };
}

/** Options of `unfold` and `fold`. */
export interface UnfoldOptions {
  readonly stride?: Pair;
  /** Zeros around the image. */
  readonly padding?: Pair;
  readonly dilation?: Pair;
}

/**
 * What a filter of this size sees of an image, as a matrix: im2col. A convolution is then one product with the filters.
 *
 *   y[n, (c·K + k)·L + l, i·W′ + j] = x[n, c, i·s + k·d − p, j·s + l·d − p]
 *
 * Shapes    x [N, C, H, W] or [C, H, W] → y [N, C·K·L, H′·W′], H′ = ⌊(H + 2p − d·(K − 1) − 1)/s⌋ + 1
 * Gradient  fold
 * Cost      K·L numbers for every one of x, at stride 1
 * Throws    ShapeError if the filter does not fit in the padded image; RangeError for settings that are no whole numbers
 * ONNX      Pad and Gather
 */
export function unfold(x: Tensor, kernelSize: Pair, options: UnfoldOptions = {}): Tensor {
  checked("unfold", options, ["stride", "padding", "dilation"]);
  if (expectTensor("unfold", x).rank === 3) return unfold(x.unsqueeze(0), kernelSize, options).squeeze(0);
  if (x.rank !== 4)
    throw new ShapeError(`unfold: expected images [N, C, H, W] or one [C, H, W], got ${show(x.shape)}`);
  return new UnfoldColumns(tapsFor("unfold", [x.shape[2], x.shape[3]], kernelSize, options)).apply(
    x.asFloat(),
  );
}

/**
 * Columns put back where `unfold` would have taken them from an image of this size, and added up: col2im.
 *
 * Shapes    x [N, C·K·L, H′·W′] or [C·K·L, H′·W′] → y [N, C, H, W] with [H, W] = outputSize
 * Gradient  unfold
 * Throws    ShapeError for another number of rows or columns than such an image would give
 * ONNX      ScatterElements with reduction add
 */
export function fold(x: Tensor, outputSize: Pair, kernelSize: Pair, options: UnfoldOptions = {}): Tensor {
  checked("fold", options, ["stride", "padding", "dilation"]);
  if (expectTensor("fold", x).rank === 2)
    return fold(x.unsqueeze(0), outputSize, kernelSize, options).squeeze(0);
  if (x.rank !== 3)
    throw new ShapeError(`fold: expected columns [N, C·K·L, H′·W′] or [C·K·L, H′·W′], got ${show(x.shape)}`);
  checkPair("fold", "outputSize", outputSize, 1);
  const taps = tapsFor("fold", pair(outputSize), kernelSize, options);
  const [rows, columns] = [tapsOf(taps), placesOf(taps)];
  if (x.shape[1] % rows !== 0 || x.shape[2] !== columns)
    throw new ShapeError(
      `fold: ${show(x.shape)} to an image ${taps.image.join("×")} — ` +
        `needs a multiple of ${rows} rows (taps of the filter) and ${columns} columns (${taps.outputs.join("×")} places)`,
    );
  return new FoldColumns(taps).apply(x.asFloat());
}

function tapsFor(
  call: string,
  image: readonly [number, number],
  kernelSize: Pair,
  { stride = 1, padding = 0, dilation = 1 }: UnfoldOptions,
): Taps {
  for (const [name, value] of Object.entries({ kernelSize, stride, dilation }))
    checkPair(call, name, value, 1);
  checkPair(call, "padding", padding, 0);
  const slide = (d: 0 | 1): Slide => ({
    kernel: pair(kernelSize)[d],
    stride: pair(stride)[d],
    padding: pair(padding)[d],
    dilation: pair(dilation)[d],
  });
  const slides = [slide(0), slide(1)] as const;
  const [rows, cols] = slidingWindows(call, image, slides, {});
  return { image, slides, outputs: [rows.outputs, cols.outputs] };
}
