import { kernels } from "../../00-runtime/index.ts";
import { Function, float, type Gradient, int64s, node, type OnnxOperand } from "../function.ts";
import { eachPlane } from "../planes.ts";
import { type Shape, stretchedDims, stridesOf, viewStrides } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import * as reference from "./copy.reference.ts";

const kernel = kernels(reference);

/** Copies x into y, broadcasting it to y's shape; both may be strided views. */
export function copyInto(x: Tensor, y: Tensor): void {
  eachPlane(y.shape, [x, y], ([x, y], rows, cols, [xRow, xCol, yRow, yCol]) =>
    kernel.copy(x, y, rows, cols, xRow, xCol, yRow, yCol),
  );
}

export function fillWith(y: Tensor, value: number): Tensor {
  if (y.isContiguous()) kernel.fill(y, y.size, value);
  else copyInto(y.newFrom([value], []), y);
  return y;
}

/** y += x in place, for contiguous tensors of one shape. */
export const addInto = (x: Tensor, y: Tensor): void => kernel.addTo(x, y, y.size);

// Views share their input's storage: only shape, strides and offset are new. Nothing is copied, except by
// `reshape` where strides cannot express the result.

/** The same elements in row-major order, in another shape. */
export class Reshape extends Function {
  #from!: Shape;
  readonly shape: Shape;
  constructor(shape: Shape) {
    super();
    this.shape = shape;
  }
  forward(x: Tensor): Tensor {
    this.#from = x.shape;
    const strides = viewStrides(x.shape, x.strides, this.shape);
    return strides
      ? x.newView(this.shape, strides, x.offset)
      : packed(x).newView(this.shape, stridesOf(this.shape), 0);
  }
  backward(g: Tensor): Gradient[] {
    return [g.reshape(this.#from)];
  }
  override onnx() {
    return node("Reshape", { allowzero: this.shape.includes(0) ? 1 : 0 }, [0, int64s(...this.shape)]);
  }
}

/** The dims in another order: y's dim i is x's dim `dims[i]`. */
export class Permute extends Function {
  readonly dims: readonly number[];
  constructor(dims: readonly number[]) {
    super();
    this.dims = dims;
  }
  forward(x: Tensor): Tensor {
    const reordered = (list: Shape) => this.dims.map((dim) => list[dim]);
    return x.newView(reordered(x.shape), reordered(x.strides), x.offset);
  }
  backward(g: Tensor): Gradient[] {
    return [g.permute(this.dims.map((_, i) => this.dims.indexOf(i)))];
  }
  override onnx() {
    return node("Transpose", { perm: this.dims });
  }
}

/** Dims of size 1 (and new leading ones) repeated by a stride of 0. */
export class Expand extends Function {
  readonly shape: Shape;
  constructor(shape: Shape) {
    super();
    this.shape = shape;
  }
  forward(x: Tensor): Tensor {
    const lead = this.shape.length - x.rank;
    const stretched = new Set(stretchedDims(x.shape, this.shape));
    const strides = this.shape.map((_, i) => (stretched.has(i) ? 0 : x.strides[i - lead]));
    return x.newView(this.shape, strides, x.offset);
  }
  backward(g: Tensor): Gradient[] {
    return [g]; // the engine sums over stretched dims
  }
  override onnx() {
    return node("Expand", {}, [0, int64s(...this.shape)]);
  }
}

/** Every `step`-th element along one dim, from `start` to before `end`. */
export class Slice extends Function {
  #from!: Shape;
  readonly dim: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
  constructor(dim: number, start: number, end: number, step: number) {
    super();
    [this.dim, this.start, this.end, this.step] = [dim, start, end, step];
  }
  forward(x: Tensor): Tensor {
    this.#from = x.shape;
    const { dim, start, end, step } = this;
    const shape = x.shape.with(dim, Math.max(0, Math.ceil((end - start) / step)));
    return x.newView(shape, x.strides.with(dim, x.strides[dim] * step), x.offset + start * x.strides[dim]);
  }
  backward(g: Tensor): Gradient[] {
    return [() => new SliceGrad(this.#from, this).apply(g)];
  }
  override onnx() {
    const { dim, start, end, step } = this;
    return node("Slice", {}, [0, int64s(start), int64s(end), int64s(dim), int64s(step)]);
  }
}

/** The adjoint of a slice: its elements put back in place, zeros elsewhere. */
export class SliceGrad extends Function {
  readonly shape: Shape;
  readonly slice: Slice;
  constructor(shape: Shape, slice: Slice) {
    super();
    [this.shape, this.slice] = [shape, slice];
  }
  forward(g: Tensor): Tensor {
    const x = fillWith(g.newEmpty(this.shape), 0);
    const { dim, start, end, step } = this.slice;
    copyInto(g, new Slice(dim, start, end, step).forward(x));
    return x;
  }
  backward(g: Tensor): Gradient[] {
    const { dim, start, end, step } = this.slice;
    return [() => g.slice(dim, start, end, step)];
  }
  /** Zeros around it; with a step, each element first becomes a row of one and `step − 1` zeros. */
  override onnx() {
    const { dim, start, end, step } = this.slice;
    const after = this.shape[dim] - end;
    const pad = (x: OnnxOperand, d: number, before: number, after: number) =>
      node("Pad", {}, [x, int64s(before, after), float(0), int64s(d)]);
    if (step === 1) return pad(0, dim, start, after);
    const length = Math.ceil((end - start) / step) * step;
    const rows = pad(node("Unsqueeze", {}, [0, int64s(dim + 1)]), dim + 1, 0, step - 1);
    const spread = node("Reshape", {}, [rows, int64s(...this.shape.with(dim, length))]);
    return pad(spread, dim, start, this.shape[dim] - start - length); // a negative pad cuts off
  }
}

/** The same elements, outside the graph: a step that an exporter sees and a gradient does not pass. */
export class Detach extends Function {
  override get differentiable(): boolean {
    return false;
  }
  forward(x: Tensor): Tensor {
    return x.newView(x.shape, x.strides, x.offset);
  }
  backward(): Gradient[] {
    return [null];
  }
  override onnx() {
    return node("Identity");
  }
}

// ————————————————————————————————————————————————————————————————————————————————————————————— copies

function packed(x: Tensor): Tensor {
  const y = x.newEmpty(x.shape);
  copyInto(x, y);
  return y;
}

/** A copy with a storage of its own, in row-major order. */
export class Clone extends Function {
  forward(x: Tensor): Tensor {
    return packed(x);
  }
  backward(g: Tensor): Gradient[] {
    return [g];
  }
  override onnx() {
    return node("Identity");
  }
}

/** Tensors end to end along one dim. */
export class Cat extends Function {
  #sizes!: readonly number[];
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  forward(...inputs: Tensor[]): Tensor {
    this.#sizes = inputs.map((x) => x.shape[this.dim]);
    const total = this.#sizes.reduce((sum, n) => sum + n, 0);
    const y = inputs[0].newEmpty(inputs[0].shape.with(this.dim, total));
    let start = 0;
    for (const x of inputs) {
      const end = start + x.shape[this.dim];
      copyInto(x, new Slice(this.dim, start, end, 1).forward(y));
      start = end;
    }
    return y;
  }
  backward(g: Tensor): Gradient[] {
    let end = 0;
    return this.#sizes.map((n) => {
      const start = end;
      end += n;
      return () => g.narrow(this.dim, start, n);
    });
  }
  override onnx() {
    return node("Concat", { axis: this.dim });
  }
}
