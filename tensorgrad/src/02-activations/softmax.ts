import { kernels } from "../00-runtime/index.ts";
import {
  expectTensor,
  Function,
  type Gradient,
  isRecording,
  node,
  normalDim,
  type Tensor,
} from "../01-tensor/index.ts";
import { Activation } from "./activation.ts";
import * as reference from "./softmax.reference.ts";
import * as split from "./softmax.split.ts";

const kernel = kernels(reference, split);

/** Rows of the last dim are what the kernels work on. */
function byRow(name: "softmax" | "logSoftmax", x: Tensor): Tensor {
  const y = x.newEmpty(x.shape);
  const cols = x.shape.at(-1) ?? 1;
  kernel[name](x.contiguous(), y, cols === 0 ? 0 : x.size / cols, cols);
  return y;
}

function gradByRow(name: "softmaxGrad" | "logSoftmaxGrad", y: Tensor, g: Tensor): Tensor {
  const dx = y.newEmpty(y.shape);
  const cols = y.shape.at(-1) ?? 1;
  kernel[name](y, g.contiguous(), dx, cols === 0 ? 0 : y.size / cols, cols);
  return dx;
}

/** y_i = e^(x_i − max x) / Σ_j e^(x_j − max x) along the last dim; dx = y·(g − Σ g·y). */
export class SoftmaxRows extends Function {
  #y!: Tensor;
  forward(x: Tensor): Tensor {
    this.#y = byRow("softmax", x);
    return this.#y;
  }
  // exercise: softmax-backward
  backward(g: Tensor): Gradient[] {
    const y = this.#y;
    if (!isRecording()) return [() => gradByRow("softmaxGrad", y, g)];
    const gy = g.mul(y);
    return [gy.sub(y.mul(gy.sum(-1, { keepDim: true })))];
  }
  override onnx() {
    return node("Softmax", { axis: -1 });
  }
}

/** y_i = x_i − ln Σ_j e^(x_j) along the last dim; dx = g − e^y·Σ g. */
export class LogSoftmaxRows extends Function {
  #y!: Tensor;
  forward(x: Tensor): Tensor {
    this.#y = byRow("logSoftmax", x);
    return this.#y;
  }
  backward(g: Tensor): Gradient[] {
    const y = this.#y;
    if (!isRecording()) return [() => gradByRow("logSoftmaxGrad", y, g)];
    return [g.sub(y.exp().mul(g.sum(-1, { keepDim: true })))];
  }
  override onnx() {
    return node("LogSoftmax", { axis: -1 });
  }
}

function along(call: string, Rows: new () => Function, x: Tensor, dim: number): Tensor {
  const d = normalDim(call, dim, expectTensor(call, x).shape);
  if (x.rank === 0) return along(call, Rows, x.reshape(1), 0).reshape([]);
  const floats = x.asFloat();
  if (d === x.rank - 1) return new Rows().apply(floats);
  return new Rows().apply(floats.transpose(d, -1)).transpose(d, -1);
}

/**
 * Scores to probabilities: positive, and 1 in sum along `dim`.
 *
 *   y_i = e^(x_i) / Σ_j e^(x_j)
 *
 * Shapes    any → the same
 * Gradient  y·(g − Σ_j g_j·y_j)
 * ONNX      Softmax
 */
export const softmax = (x: Tensor, dim = -1): Tensor => along("softmax", SoftmaxRows, x, dim);

/** ln softmax(x), without ever taking the logarithm of a number near 0. ONNX: LogSoftmax. */
export const logSoftmax = (x: Tensor, dim = -1): Tensor => along("logSoftmax", LogSoftmaxRows, x, dim);

/** `softmax` as a layer. */
export class Softmax extends Activation {
  readonly dim: number;

  constructor(dim = -1) {
    super();
    this.dim = dim;
  }

  forward(x: Tensor): Tensor {
    return softmax(x, this.dim);
  }
}

/** `logSoftmax` as a layer. */
export class LogSoftmax extends Activation {
  readonly dim: number;

  constructor(dim = -1) {
    super();
    this.dim = dim;
  }

  forward(x: Tensor): Tensor {
    return logSoftmax(x, this.dim);
  }
}
