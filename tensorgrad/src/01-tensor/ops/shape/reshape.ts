import { ShapeError, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { int64s, node } from "../../onnx-words.ts";
import { isRecording } from "../../recording.ts";
import {
  checkShape,
  completeShape,
  normalDim,
  normalDims,
  type Shape,
  stretchedDims,
  stridesOf,
  viewStrides,
} from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { packed } from "./copy.ts";

// Views share their input's storage: only shape, strides and offset are new. Nothing is copied, except by
// `reshape` where strides cannot express the result.

/** The same elements in row-major order, in another shape. */
export class Reshape extends Function {
  override get movesBits(): boolean {
    return true;
  }
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
  override get movesBits(): boolean {
    return true;
  }
  readonly dims: readonly number[];
  constructor(dims: readonly number[]) {
    super();
    this.dims = dims;
  }
  forward(x: Tensor): Tensor {
    const { dims } = this;
    return x.newView(reordered(x.shape, dims), reordered(x.strides, dims), x.offset);
  }
  backward(g: Tensor): Gradient[] {
    return [g.permute(this.dims.map((_, i) => this.dims.indexOf(i)))];
  }
  override onnx() {
    return node("Transpose", { perm: this.dims });
  }
}

const reordered = (list: Shape, dims: readonly number[]): number[] => dims.map((dim) => list[dim]);

/** Dims of size 1 (and new leading ones) repeated by a stride of 0. */
export class Expand extends Function {
  override get movesBits(): boolean {
    return true;
  }
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

/** The same elements, outside the graph: a step that an exporter sees and a gradient does not pass. */
export class Detach extends Function {
  override get movesBits(): boolean {
    return true;
  }
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

// ——————————————————————————————————————————————————————————————————————————————— what users call: checks, then a view

/** A view that nobody records need not be an operation. */
const viewed = (x: Tensor, view: Reshape | Permute): Tensor =>
  isRecording() ? view.apply(x) : view.forward(x);

export const reshape = (x: Tensor, shape: Shape): Tensor =>
  viewed(x, new Reshape(completeShape("reshape", x.shape, shape)));

export function strictView(x: Tensor, shape: Shape): Tensor {
  const complete = completeShape("view", x.shape, shape);
  if (viewStrides(x.shape, x.strides, complete)) return new Reshape(complete).apply(x);
  throw new ShapeError(
    `view: ${show(x.shape)} with strides ${show(x.strides)} to ${show(complete)} — no strides show these elements in that order without a copy; use reshape`,
  );
}

export function flatten(x: Tensor, start: number, end: number): Tensor {
  if (x.rank === 0) return reshape(x, [1]);
  const [from, to] = [normalDim("flatten", start, x.shape), normalDim("flatten", end, x.shape)];
  if (from > to)
    throw new ShapeError(
      `flatten: dims ${start} to ${end} of ${show(x.shape)} — the first must not come after the last`,
    );
  const merged = x.shape.slice(from, to + 1).reduce((product, n) => product * n, 1);
  return reshape(x, [...x.shape.slice(0, from), merged, ...x.shape.slice(to + 1)]);
}

export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const [a, b] = [normalDim("transpose", dim0, x.shape), normalDim("transpose", dim1, x.shape)];
  const dims = x.shape.map((_, i) => (i === a ? b : i === b ? a : i));
  return viewed(x, new Permute(dims));
}

export function t(x: Tensor): Tensor {
  if (x.rank === 2) return new Permute([1, 0]).apply(x);
  throw new ShapeError(
    `t: a tensor of shape ${show(x.shape)} — t() transposes matrices; name two dims: x.transpose(-2, -1)`,
  );
}

export function permute(x: Tensor, dims: Shape): Tensor {
  const order = dims.map((dim) => normalDim("permute", dim, x.shape));
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    throw new ShapeError(
      `permute: dims ${show(dims)} of ${show(x.shape)} — each of the ${x.rank} dims must be named exactly once`,
    );
  }
  return new Permute(order).apply(x);
}

export function expand(x: Tensor, shape: Shape): Tensor {
  const lead = shape.length - x.rank;
  const target = shape.map((n, i) => (n === -1 && i >= lead ? x.shape[i - lead] : n));
  checkShape("expand", target);
  const fits = lead >= 0 && x.shape.every((n, i) => n === 1 || n === target[i + lead]);
  if (!fits)
    throw new ShapeError(
      `expand: ${show(x.shape)} to ${show(target)} — only dims of size 1 stretch, and new dims come first`,
    );
  return new Expand(target).apply(x);
}

/** Without a dim, all dims of size 1 go; a named dim of another size stays. */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  const dims = normalDims("squeeze", dim, x.shape);
  return reshape(
    x,
    x.shape.filter((n, i) => n !== 1 || !dims.includes(i)),
  );
}

export const unsqueeze = (x: Tensor, dim: number): Tensor =>
  reshape(x, x.shape.toSpliced(normalDim("unsqueeze", dim, x.shape, 1), 0, 1));

/** The whole tensor over and over, `times[d]` times along each dim d; more numbers than dims add dims in front. */
export function repeat(x: Tensor, times: Shape): Tensor {
  const lead = times.length - x.rank;
  if (lead < 0 || !times.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new ShapeError(
      `repeat: ${show(x.shape)} ${show(times)} times — a number ≥ 0 for each of the ${x.rank} dims, and for new ones before them`,
    );
  }
  const shape = times.map((_, d) => (d < lead ? 1 : x.shape[d - lead]));
  const apart = reshape(
    x,
    shape.flatMap((n) => [1, n]),
  ); // [2, 3] → [1, 2, 1, 3], each 1 to be stretched
  return reshape(
    expand(
      apart,
      shape.flatMap((n, d) => [times[d], n]),
    ),
    shape.map((n, d) => times[d] * n),
  );
}
