import { kernels } from "../../00-runtime/index.ts";
import {
  Function,
  fillWith,
  float,
  type Gradient,
  int64s,
  isRecording,
  node,
  type OnnxNode,
  type OnnxOperand,
  type Tensor,
} from "../../01-tensor/index.ts";
import * as norm from "./batch-norm.reference.ts";
import * as normSplit from "./batch-norm.split.ts";
import * as statistics from "./batch-statistics.reference.ts";
import * as statisticsSplit from "./batch-statistics.split.ts";

const kernel = kernels({ ...norm, ...statistics }, { ...normSplit, ...statisticsSplit });

/**
 * Every row, the last dim, shifted to mean 0 and scaled to variance 1. To the kernels of batch normalisation a row
 * is a channel.
 *
 *   y = (x − mean)/√(variance + ε)
 *
 * Shapes    x [..., D] → the same
 * Gradient  (g − mean(g) − y·mean(g·y))/√(variance + ε)
 * ONNX      spelled out: means, differences and a root
 */
export class NormalizeRows extends Function {
  readonly eps: number;
  #x!: Tensor;
  #own!: { readonly [name in "one" | "zero" | "shift" | "rest" | "variance"]: Tensor };
  constructor(eps: number) {
    super();
    this.eps = eps;
  }
  /** Of every row: its mean, and its variance divided by the count. */
  get statistics(): { readonly mean: Tensor; readonly variance: Tensor } {
    return { mean: this.#own.shift, variance: this.#own.variance };
  }
  forward(given: Tensor): Tensor {
    const x = given.contiguous();
    const [rows, cols] = rowsOf(x);
    const [one, zero, shift, rest, variance] = [0, 1, 2, 3, 4].map(() => x.newEmpty([rows]));
    [this.#x, this.#own] = [x, { one: fillWith(one, 1), zero: fillWith(zero, 0), shift, rest, variance }];
    const y = x.newEmpty(x.shape);
    kernel.batchStatistics(x, shift, rest, variance, 1, rows, cols, rows * cols);
    kernel.batchNorm(x, one, zero, shift, rest, variance, y, 1, rows, cols, this.eps, 0);
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => (isRecording() ? this.#rule(g) : this.#fused(g.contiguous()))];
  }
  #rule(g: Tensor): Tensor {
    const [x] = this.prev;
    const mean = (t: Tensor) => t.mean(-1, { keepDim: true });
    const centred = x.sub(mean(x));
    const scale = mean(centred.square()).add(this.eps).rsqrt();
    const y = centred.mul(scale);
    const direct = g.sub(mean(g));
    return direct.sub(y.mul(mean(g.mul(y)))).mul(scale);
  }
  #fused(g: Tensor): Tensor {
    const [rows, cols] = rowsOf(g);
    const { one, zero, shift, rest, variance } = this.#own;
    const [dx, dot, sum] = [g.newEmpty(g.shape), g.newEmpty([rows]), g.newEmpty([rows])];
    const all = [one, zero, shift, rest, variance, dot, sum] as const;
    kernel.batchNormSums(this.#x, g, ...all, 1, rows, cols, rows * cols, this.eps, 0);
    kernel.batchNormGrad(this.#x, g, ...all, dx, 1, rows, cols, this.eps, 0, cols);
    return dx;
  }
  override onnx(): OnnxNode {
    const mean = (x: OnnxOperand) => node("ReduceMean", { keepdims: 1 }, [x, int64s(-1)]);
    const centred = node("Sub", {}, [0, mean(0)]);
    const variance = mean(node("Mul", {}, [centred, centred]));
    return node("Div", {}, [centred, node("Sqrt", {}, [node("Add", {}, [variance, float(this.eps)])])]);
  }
}

function rowsOf({ shape, size }: Tensor): [rows: number, cols: number] {
  const cols = shape[shape.length - 1];
  return [cols === 0 ? 0 : size / cols, cols];
}
