import { checked, ShapeError, show } from "../00-runtime/index.ts";
import {
  copyInto,
  expectTensor,
  Function,
  type Gradient,
  isRecording,
  isTensor,
  multiplyInto,
  narrowed,
  node,
  sameShape,
  sizeOf,
  stridesOf,
  type Tensor,
  zeros,
} from "../01-tensor/index.ts";
import * as init from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/**
 * One affine map of many rows: the heart of every dense layer.
 *
 *   y = x·wᵀ + b
 *
 * Shapes    x [N, in], w [out, in], b [out] → y [N, out]
 * Gradient  x: g·w; w: gᵀ·x; b: Σ g over rows
 * Cost      2·N·in·out flops; the bias is laid down first and the product added to it, in one pass
 * ONNX      Gemm with transB
 */
export class Affine extends Function {
  #x!: Tensor;
  #w!: Tensor;
  // exercise: layers-affine
  forward(x: Tensor, w: Tensor, b?: Tensor): Tensor {
    [this.#x, this.#w] = [x, w];
    const y = x.newEmpty([x.shape[0], w.shape[0]]);
    if (b) copyInto(b, y);
    multiplyInto(
      x,
      w.newView([w.shape[1], w.shape[0]], [w.strides[1], w.strides[0]], w.offset),
      y,
      [],
      b ? 1 : 0,
    );
    return y;
  }
  backward(g: Tensor): Gradient[] {
    const gradients = [() => g.matmul(this.#w), () => g.t().matmul(this.#x), () => g.sum(0)];
    return gradients.slice(0, this.prev.length); // without a bias, without its gradient
  }
  override multiplyAdds([, w]: readonly Tensor[], y: Tensor): number {
    return y.size * w.shape[1];
  }
  override onnx() {
    return node("Gemm", { transB: 1 });
  }
}

/** x·wᵀ + b over the last dim; leading dims are a batch. */
export function linear(x: Tensor, w: Tensor, b?: Tensor): Tensor {
  [x, w, b] = narrowed(x, w, b);
  checkOperands(x, w, b);
  if (x.rank === 2) return affine(x, w, b);
  const [out, inputs] = w.shape;
  const leading = x.shape.slice(0, -1);
  const count = inputs === 0 ? sizeOf(leading) : x.size / inputs;
  if (isRecording()) return affine(x.reshape(count, inputs), w, b).reshape([...leading, out]);
  // Nobody asks how the result is made: views are enough, which cost a tenth of an operation that could be recorded.
  const rows = x.contiguous();
  const y = affine(rows.newView([count, inputs], [inputs, 1], rows.offset), w, b);
  const shape = [...leading, out];
  return y.newView(shape, stridesOf(shape), 0);
}

const affine = (x: Tensor, w: Tensor, b?: Tensor): Tensor =>
  b ? new Affine().apply(x, w, b) : new Affine().apply(x, w);

const fits = (b: Tensor, w: Tensor): boolean =>
  b.rank === 1 && b.shape[0] === w.shape[0] && b.dtype === w.dtype;

/** Throws  ShapeError and TypeError for operands that do not belong together */
function checkOperands(x: Tensor, w: Tensor, b?: Tensor): void {
  const [out, inputs] = expectTensor("linear", w, "weight").shape;
  if (b != null) expectTensor("linear", b, "bias");
  if (isTensor(x) && x.shape.at(-1) === inputs && x.dtype === w.dtype && (!b || fits(b, w))) return;
  const call = `Linear(${inputs} → ${out})`;
  if (!isTensor(x)) {
    const given = Array.isArray(x) ? "a list" : x === null ? "null" : typeof x;
    throw new TypeError(
      `${call}: input is ${given} — expected a tensor [..., ${inputs}]; make one with tensor(…)`,
    );
  }
  if (x.shape.at(-1) !== inputs) {
    const flat = x.rank > 2 && x.shape.slice(1).reduce((product, n) => product * n, 1) === inputs;
    const remedy = flat ? "; flatten the image first: x.flatten(1)" : "";
    throw new ShapeError(`${call}: expected input [..., ${inputs}], got ${show(x.shape)}${remedy}`);
  }
  if (b && !sameShape(b.shape, [out])) {
    throw new ShapeError(
      `${call}: bias ${show(b.shape)} for weight ${show(w.shape)} — one number per output, [${out}]`,
    );
  }
  if (x.dtype !== w.dtype || (b && b.dtype !== w.dtype)) {
    const remedy = `x.to("${w.dtype}")${x.isFloat ? ` or model.to("${x.dtype}")` : ""}`;
    const types = b && b.dtype !== w.dtype ? `weights ${w.dtype}, bias ${b.dtype}` : `weights ${w.dtype}`;
    throw new TypeError(`${call}: input ${x.dtype}, ${types} — both must be the same; use ${remedy}`);
  }
}

export interface LinearOptions extends init.Draw {
  readonly bias?: boolean;
}

/**
 * A dense layer: every output sees every input.
 *
 *   y = x·weightᵀ + bias
 *
 * Shapes    x [..., in] → y [..., out]; weight [out, in], bias [out]
 * Start     weight and bias uniform in ±1/√in, as in PyTorch
 * Memory    (in + 1)·out parameters, 4 bytes each; as much again for gradients
 * Throws    RangeError for sizes that are no whole numbers; ShapeError if the last dim of x is not `in`
 */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  // exercise: layers-first-weights
  constructor(inputs: number, outputs: number, given: LinearOptions = {}) {
    const { bias = true, ...options } = checked("Linear", given, ["random", "bias"]);
    super();
    if (![inputs, outputs].every((n) => Number.isInteger(n) && n >= 0)) {
      throw new RangeError(`Linear(${inputs} → ${outputs}): sizes must be whole numbers, 0 or more`);
    }
    const bound = 1 / Math.sqrt(Math.max(1, inputs));
    this.weight = new Parameter(init.uniform(zeros([outputs, inputs]), -bound, bound, options));
    this.bias = bias ? new Parameter(init.uniform(zeros([outputs]), -bound, bound, options)) : null;
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias ?? undefined);
  }

  protected override describe(): string {
    const [outputs, inputs] = this.weight.shape;
    return `${inputs} → ${outputs}${this.bias ? "" : ", bias: false"}`;
  }
}
