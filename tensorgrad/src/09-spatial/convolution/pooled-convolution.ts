import { kernelChoice } from "../../00-runtime/index.ts";
import {
  Function,
  type Gradient,
  isRecording,
  isSearching,
  type OnnxNode,
  type Shape,
  type Tensor,
  zeros,
} from "../../01-tensor/index.ts";
import { type ConvSizes, convSizes, type Geometry } from "../geometry.ts";
import { emptyImages } from "../layout.ts";
import { MaxPoolGrad } from "../pooling/max-pool.ts";
import { slidingGrid } from "../pooling/pool.ts";
import { slidingOnnx } from "../pooling/pool-grid.ts";
import { onnxConv } from "./conv-onnx.ts";
import { Convolution, ConvolutionTransposed, ConvolutionWeight } from "./convolution.ts";
import { canPoolLines, loweredImages, loweredWeight } from "./lowered.ts";
import { wayOf } from "./ways.ts";
import { isWinograd, winogradImages, winogradTransposed, winogradWeight } from "./winograd.ts";

/**
 * A convolution and the largest of every 2×2 of its result, piece by piece: neither the whole result nor its gradient is ever
 * stored.
 *
 *   y[n, o, i, j] = the largest of conv(x)[n, o, 2i … 2i + 1, 2j … 2j + 1]
 *
 * Shapes    x [N, C, H, W], w [O, C/groups, K, L], b [O] → y [N, O, H′/2, W′/2]
 * Gradient  that of a convolution, of g at the pixels that won and 0 elsewhere; b: Σ g
 * Memory    y, and 4 bytes for each of its numbers: which pixel won
 * ONNX      Conv, then MaxPool
 */
export class PooledConvolution extends Function {
  readonly geometry: Geometry;
  /** Height and width before they are halved. */
  readonly size: Shape;
  #sizes!: ConvSizes;
  #index!: Tensor;
  constructor(geometry: Geometry, size: Shape) {
    super();
    [this.geometry, this.size] = [geometry, size];
  }
  forward(x: Tensor, w: Tensor, b = zeros([w.shape[0]], { dtype: x.dtype })): Tensor {
    this.#sizes = convSizes(x.shape, w.shape, this.size, this.geometry);
    const { N, O, outH, outW } = this.#sizes;
    this.#index = emptyImages(x, [N, O, outH / 2, outW / 2], true, "int32");
    if (isWinograd(this.#sizes)) return winogradImages(x, w, b, this.#sizes, this.#index);
    return loweredImages(x.contiguous(), w, b, this.#sizes, this.#index);
  }
  backward(g: Tensor): Gradient[] {
    const [x, w] = this.prev;
    const [toImages, toFilters] = isRecording() ? this.#rule(g, x, w) : this.#pieces(g, x, w);
    return [toImages, toFilters, () => g.sum([0, 2, 3])].slice(0, this.prev.length);
  }
  /** With the gradient of the whole result: in operations that can be differentiated again, and for ways without pieces. */
  #rule(g: Tensor, x: Tensor, w: Tensor): (() => Tensor)[] {
    const { N, O, outH, outW } = this.#sizes;
    // An exported rule asks the whole result which pixels won; the index that is kept knows it here.
    const whole = isRecording()
      ? new Convolution(this.geometry, this.size).apply(x, w)
      : emptyImages(x, [N, O, outH, outW], true);
    const spread = () => new MaxPoolGrad(slidingGrid("maxPool2d", whole, 2, {}), this.#index).apply(g, whole);
    return [
      () => new ConvolutionTransposed(this.geometry, x.shape.slice(2)).apply(spread(), w),
      () => new ConvolutionWeight(this.geometry, w.shape.slice(2)).apply(x, spread()),
    ];
  }
  #pieces(g: Tensor, x: Tensor, w: Tensor): (() => Tensor)[] {
    const [sizes, index] = [this.#sizes, this.#index];
    if (!isWinograd(sizes))
      return [this.#rule(g, x, w)[0], () => loweredWeight(x.contiguous(), g, sizes, index)];
    return [
      () => winogradTransposed(g, w, zeros([sizes.C]), sizes, index),
      () => winogradWeight(x, g, sizes, index),
    ];
  }
  override multiplyAdds([, w]: readonly Tensor[], y: Tensor): number {
    return 4 * y.size * (w.size / w.shape[0]);
  }
  override onnx(): OnnxNode {
    const { N, O, outH, outW } = this.#sizes;
    const grid = slidingGrid("maxPool2d", emptyImages(this.prev[0], [N, O, outH, outW], true), 2, {});
    return { ...slidingOnnx("MaxPool", grid), inputs: [onnxConv(this.#sizes, this.prev.length > 2)] };
  }
  /** Which pixel won. */
  override signature(): ArrayLike<number> {
    return this.#index.data;
  }
}

/** Whether this convolution is computed in pieces that hold whole windows of 2×2. */
export function canPool(x: Tensor, sizes: ConvSizes): boolean {
  const even = sizes.outH % 2 === 0 && sizes.outW % 2 === 0;
  if (!even || x.dtype !== "float32" || kernelChoice() === "reference" || isSearching()) return false;
  return isWinograd(sizes) || (canPoolLines(x, sizes) && wayOf(x, sizes).images === loweredImages);
}
