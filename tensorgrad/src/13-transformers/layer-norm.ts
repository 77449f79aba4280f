import { checked, isList, kernels, show } from "../00-runtime/index.ts";
import {
  Function,
  type Gradient,
  isRecording,
  node,
  ones,
  type Shape,
  type Tensor,
  zeros,
} from "../01-tensor/index.ts";
import { Module, Parameter } from "../03-layers/index.ts";
import * as reference from "./layer-norm.reference.ts";
import * as split from "./layer-norm.split.ts";
import { checkOperands, checkSettings, rowsOf } from "./normal-rows.ts";

const kernel = kernels(reference, split);

/**
 * The last `rank` dims of x as one row each: shifted to mean 0, scaled to variance 1, then weighted.
 *
 *   y = x̂·w + b, x̂ = (x − mean)/√(variance + ε)
 *
 * Shapes    x [..., D…], w and b [D…] → y as x
 * Gradient  x: (ĝ − mean ĝ − x̂·mean(ĝ·x̂))/√(variance + ε), ĝ = g·w; w: Σ g·x̂; b: Σ g, both over rows
 * ONNX      LayerNormalization
 */
export class LayerNormRows extends Function {
  #x!: Tensor;
  #w!: Tensor;
  #stats!: Tensor;
  readonly rank: number;
  readonly eps: number;
  constructor(rank: number, eps: number) {
    super();
    [this.rank, this.eps] = [rank, eps];
  }
  forward(x: Tensor, w: Tensor, b: Tensor): Tensor {
    const [rows, cols] = rowsOf(x, this.rank);
    [this.#x, this.#w, this.#stats] = [x.contiguous(), w.contiguous(), x.newEmpty([rows, 3])];
    const y = x.newEmpty(x.shape);
    kernel.layerNorm(this.#x, this.#w, b.contiguous(), y, this.#stats, rows, cols, this.eps);
    return y;
  }
  backward(g: Tensor): Gradient[] {
    const lead = Array.from({ length: g.rank - this.rank }, (_, d) => d);
    const toBias = () => (lead.length === 0 ? g : g.sum(lead));
    if (isRecording()) return [...this.#rule(g, lead), toBias];
    const packed = g.contiguous();
    return [() => this.#toInput(packed), () => this.#toWeight(packed), toBias];
  }
  #rule(g: Tensor, lead: readonly number[]): Gradient[] {
    const [x, w] = this.prev;
    const row = Array.from({ length: this.rank }, (_, d) => d - this.rank);
    const mean = (t: Tensor) => t.mean(row, { keepDim: true });
    const centred = x.sub(mean(x));
    const scale = mean(centred.square()).add(this.eps).rsqrt();
    const normal = centred.mul(scale);
    const gw = g.mul(w);
    const toInput = () =>
      gw
        .sub(mean(gw))
        .sub(normal.mul(mean(gw.mul(normal))))
        .mul(scale);
    const toWeight = () => (lead.length === 0 ? g.mul(normal) : g.mul(normal).sum(lead));
    return [toInput, toWeight];
  }
  #toInput(g: Tensor): Tensor {
    const dx = g.newEmpty(g.shape);
    kernel.layerNormGrad(this.#x, this.#w, this.#stats, g, dx, ...rowsOf(g, this.rank));
    return dx;
  }
  #toWeight(g: Tensor): Tensor {
    const dw = g.newEmpty(this.#w.shape);
    const [rows, cols] = rowsOf(g, this.rank);
    kernel.layerNormGradWeight(this.#x, this.#stats, g, dw, rows, cols, cols);
    return dw;
  }
  override onnx() {
    return node("LayerNormalization", { axis: -this.rank, epsilon: { float: this.eps } });
  }
}

/** Options of `layerNorm` and `LayerNorm`. */
export interface LayerNormOptions {
  /** Added to the variance, so that a row of equal numbers is not divided by 0. */
  readonly eps?: number;
}

/**
 * Shifts and scales every row (the last dims, which `shape` names) to mean 0 and variance 1, then weights it.
 *
 *   y = (x − mean)/√(variance + ε)·weight + bias
 *
 * Shapes    x [..., D…], weight and bias [D…] = shape, or null → y as x
 * Gradient  to x, weight and bias, each in one pass; statistics of the rows are kept from the forward pass
 * Cost      about 8 flops per element; 3 numbers per row kept for backward
 * Throws    ShapeError if x does not end in `shape`, or weight or bias has another one
 * ONNX      LayerNormalization
 * Source    Ba, Kiros & Hinton 2016, Layer normalization
 */
export function layerNorm(
  x: Tensor,
  shape: number | Shape,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  options: LayerNormOptions = {},
): Tensor {
  const { eps = 1e-5 } = checked("layerNorm", options, ["eps"]);
  const dims = typeof shape === "number" ? [shape] : shape;
  checkSettings("layerNorm", dims, eps);
  checkOperands("layerNorm", x, dims, { weight, bias });
  return normalized(x.asFloat(), dims, weight, bias, eps);
}

function normalized(x: Tensor, dims: Shape, w: Tensor | null, b: Tensor | null, eps: number): Tensor {
  const { dtype } = x;
  const rows = new LayerNormRows(dims.length, eps);
  return rows.apply(x, w ?? ones(dims, { dtype }), b ?? zeros(dims, { dtype }));
}

/**
 * `layerNorm` with a weight and a bias that are learned: what keeps the numbers in a deep stack of blocks in
 * range.
 *
 * Shapes    x [..., D…] → the same; weight and bias [D…] = shape
 * Start     weight 1, bias 0, as in PyTorch
 * Throws    ShapeError if x does not end in `shape`
 */
export class LayerNorm extends Module {
  readonly shape: Shape;
  readonly eps: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly #call: string;

  /** `affine: false` leaves out weight and bias, `bias: false` the bias alone. */
  constructor(
    shape: number | Shape,
    options: LayerNormOptions & { readonly bias?: boolean; readonly affine?: boolean } = {},
  ) {
    const {
      eps = 1e-5,
      bias = true,
      affine = true,
    } = checked("LayerNorm", options, ["eps", "bias", "affine"]);
    super();
    const dims = isList(shape) ? [...(shape as Shape)] : [shape as number];
    checkSettings("LayerNorm", dims, eps);
    [this.shape, this.eps, this.#call] = [dims, eps, `LayerNorm(${show(dims)})`];
    this.weight = affine ? new Parameter(ones(dims)) : null;
    this.bias = affine && bias ? new Parameter(zeros(dims)) : null;
  }

  override forward(x: Tensor): Tensor {
    const { weight, bias } = this;
    checkOperands(this.#call, x, this.shape, { weight, bias });
    return normalized(x.asFloat(), this.shape, weight, bias, this.eps);
  }

  protected override describe(): string {
    const parts = this.weight ? (this.bias ? "" : ", bias: false") : ", affine: false";
    return `${show(this.shape)}${parts}`;
  }
}
