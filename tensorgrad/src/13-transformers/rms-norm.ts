import { checked, isList, kernels, show } from "../00-runtime/index.ts";
import {
  Function,
  float,
  type Gradient,
  int64s,
  isRecording,
  node,
  ones,
  type Shape,
  type Tensor,
} from "../01-tensor/index.ts";
import { Module, Parameter } from "../03-layers/index.ts";
import * as layerNorm from "./layer-norm.reference.ts";
import * as layerNormSplit from "./layer-norm.split.ts";
import { checkOperands, checkSettings, rowsOf } from "./normal-rows.ts";
import * as reference from "./rms-norm.reference.ts";
import * as split from "./rms-norm.split.ts";

const kernel = kernels(reference, split);
const { layerNormGradWeight } = kernels(layerNorm, layerNormSplit);

/**
 * The last `rank` dims of x as one row each: scaled to a mean square of 1, then weighted.
 *
 *   y = x̂·w, x̂ = x/√(mean x² + ε)
 *
 * Shapes    x [..., D…], w [D…] → y as x
 * Gradient  x: (ĝ − x̂·mean(ĝ·x̂))/√(mean x² + ε), ĝ = g·w; w: Σ g·x̂ over rows
 * ONNX      Mul, ReduceMean, Add, Sqrt, Div, Mul: RMSNormalization is younger than opset 21
 */
export class RMSNormRows extends Function {
  #x!: Tensor;
  #w!: Tensor;
  #stats!: Tensor;
  readonly rank: number;
  readonly eps: number;
  constructor(rank: number, eps: number) {
    super();
    [this.rank, this.eps] = [rank, eps];
  }
  forward(x: Tensor, w: Tensor): Tensor {
    const [rows, cols] = rowsOf(x, this.rank);
    [this.#x, this.#w, this.#stats] = [x.contiguous(), w.contiguous(), x.newEmpty([rows, 3])];
    const y = x.newEmpty(x.shape);
    kernel.rmsNorm(this.#x, this.#w, y, this.#stats, rows, cols, this.eps);
    return y;
  }
  backward(g: Tensor): Gradient[] {
    if (isRecording()) return this.#rule(g);
    const packed = g.contiguous();
    return [() => this.#toInput(packed), () => this.#toWeight(packed)];
  }
  #rule(g: Tensor): Gradient[] {
    const [x, w] = this.prev;
    const [row, lead] = [this.#dims(-this.rank, 0), this.#dims(0, g.rank - this.rank)];
    const mean = (t: Tensor) => t.mean(row, { keepDim: true });
    const scale = mean(x.square()).add(this.eps).rsqrt();
    const [normal, gw] = [x.mul(scale), g.mul(w)];
    const toWeight = () => (lead.length === 0 ? g.mul(normal) : g.mul(normal).sum(lead));
    return [() => gw.sub(normal.mul(mean(gw.mul(normal)))).mul(scale), toWeight];
  }
  #dims(from: number, to: number): number[] {
    return Array.from({ length: to - from }, (_, i) => from + i);
  }
  #toInput(g: Tensor): Tensor {
    const dx = g.newEmpty(g.shape);
    kernel.rmsNormGrad(this.#x, this.#w, this.#stats, g, dx, ...rowsOf(g, this.rank));
    return dx;
  }
  #toWeight(g: Tensor): Tensor {
    const dw = g.newEmpty(this.#w.shape);
    const [rows, cols] = rowsOf(g, this.rank);
    layerNormGradWeight(this.#x, this.#stats, g, dw, rows, cols, cols);
    return dw;
  }
  override onnx() {
    const square = node("Mul", {}, [0, 0]);
    const mean = node("ReduceMean", { keepdims: 1 }, [square, int64s(...this.#dims(-this.rank, 0))]);
    const root = node("Sqrt", {}, [node("Add", {}, [mean, float(this.eps)])]);
    return node("Mul", {}, [node("Div", {}, [0, root]), 1]);
  }
}

/** Options of `rmsNorm` and `RMSNorm`. */
export interface RMSNormOptions {
  /** Added to the mean square, so that a row of zeros is not divided by 0. */
  readonly eps?: number;
}

/**
 * Scales every row (the last dims, which `shape` names) to a mean square of 1, then weights it: layer normalisation
 * without the shift.
 *
 *   y = x/√(mean x² + ε)·weight
 *
 * Shapes    x [..., D…], weight [D…] = shape, or null → y as x
 * Gradient  to x and weight, each in one pass; one number per row is kept from the forward pass
 * Cost      about 5 flops per element
 * Throws    ShapeError if x does not end in `shape`, or the weight has another one
 * Source    Zhang & Sennrich 2019, Root mean square layer normalization
 */
export function rmsNorm(
  x: Tensor,
  shape: number | Shape,
  weight: Tensor | null = null,
  options: RMSNormOptions = {},
): Tensor {
  const { eps = 1e-6 } = checked("rmsNorm", options, ["eps"]);
  const dims = typeof shape === "number" ? [shape] : shape;
  checkSettings("rmsNorm", dims, eps);
  checkOperands("rmsNorm", x, dims, { weight });
  return normalized(x.asFloat(), dims, weight, eps);
}

const normalized = (x: Tensor, dims: Shape, weight: Tensor | null, eps: number): Tensor =>
  new RMSNormRows(dims.length, eps).apply(x, weight ?? ones(dims, { dtype: x.dtype }));

/**
 * `rmsNorm` with a gain that is learned.
 *
 * Shapes    x [..., D…] → the same; weight [D…] = shape
 * Start     weight 1
 * Throws    ShapeError if x does not end in `shape`
 */
export class RMSNorm extends Module {
  readonly shape: Shape;
  readonly eps: number;
  readonly weight: Parameter | null;
  readonly #call: string;

  /** `affine: false` leaves out the gain. */
  constructor(shape: number | Shape, options: RMSNormOptions & { readonly affine?: boolean } = {}) {
    const { eps = 1e-6, affine = true } = checked("RMSNorm", options, ["eps", "affine"]);
    super();
    const dims = isList(shape) ? [...(shape as Shape)] : [shape as number];
    checkSettings("RMSNorm", dims, eps);
    [this.shape, this.eps, this.#call] = [dims, eps, `RMSNorm(${show(dims)})`];
    this.weight = affine ? new Parameter(ones(dims)) : null;
  }

  override forward(x: Tensor): Tensor {
    checkOperands(this.#call, x, this.shape, { weight: this.weight });
    return normalized(x.asFloat(), this.shape, this.weight, this.eps);
  }

  protected override describe(): string {
    return `${show(this.shape)}${this.weight ? "" : ", affine: false"}`;
  }
}
