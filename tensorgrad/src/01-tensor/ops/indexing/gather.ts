import { kernels, ShapeError, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { linesOf } from "../../lines.ts";
import { node } from "../../onnx-words.ts";
import { normalDim, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { fitted } from "../reduce/exact.ts";
import { packed } from "../shape/copy.ts";
import * as reference from "./gather.reference.ts";
import { zerosOf } from "./index-select.ts";
import { checkIndexType, checkIndices } from "./indices.ts";
import { checkAdds } from "./masked-fill.ts";

const kernel = kernels(reference);

/**
 * One element of x for every element of an index, looked up along one dim.
 *
 *   y[i, j, k] = x[i, index[i, j, k], k]      (dim 1 of three)
 *
 * Shapes    x [..., N, ...], index [..., M, ...] → y as index; other dims are equal
 * Gradient  x: every element of g added to the place it came from
 * ONNX      GatherElements
 */
export class Gather extends Function {
  #index!: Tensor;
  #from!: Shape;
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  forward(x: Tensor, index: Tensor): Tensor {
    [this.#index, this.#from] = [index, x.shape];
    const y = x.newEmpty(index.shape);
    const count = linesOf(index.shape, this.dim)[1];
    kernel.gather(x.contiguous(), index.contiguous(), y, ...linesOf(x.shape, this.dim), count);
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => new ScatterAdd(this.dim).apply(zerosOf(g, this.#from), this.#index, g), null];
  }
  override onnx() {
    return node("GatherElements", { axis: this.dim });
  }
}

/**
 * Every element of `source` added to the element of x that an index names: gather's adjoint.
 *
 *   y = x, then y[i, index[i, j, k], k] += source[i, j, k]      (dim 1 of three)
 *
 * Shapes    x [..., N, ...], index and source [..., M, ...] → y as x; other dims are equal
 * Gradient  x: g; source: g gathered at the index
 * ONNX      ScatterElements with reduction add
 */
export class ScatterAdd extends Function {
  #index!: Tensor;
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  forward(x: Tensor, index: Tensor, source: Tensor): Tensor {
    this.#index = index;
    const y = packed(x.isFloat ? x : x.to("float64")); // see exact.ts
    const count = linesOf(index.shape, this.dim)[1];
    kernel.scatterAdd(source.contiguous(), index.contiguous(), y, ...linesOf(x.shape, this.dim), count);
    return fitted("scatterAdd", y, x.dtype);
  }
  backward(g: Tensor): Gradient[] {
    return [g, null, () => new Gather(this.dim).apply(g, this.#index)];
  }
  override onnx() {
    return node("ScatterElements", { axis: this.dim, reduction: "add" });
  }
}

/** As in PyTorch, the index may be smaller than x in other dims: the rest of x is not looked at. */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  const d = checkSizes("gather", x, dim, index);
  checkIndices("gather", index, x, d);
  return new Gather(d).apply(shrunk(x, index.shape, d), index);
}

/** As in PyTorch, the index may be smaller than the source in any dim, and than x in other dims. */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  checkAdds("scatterAdd", x);
  const d = checkSizes("scatterAdd", x, dim, index);
  checkSource(x, index, source);
  checkIndices("scatterAdd", index, x, d);
  const part = shrunk(source, index.shape, -1);
  const size = x.rank === 0 ? [] : index.shape.with(d, x.shape[d]);
  const rest = size.map((n, i) => x.shape[i] - n);
  if (rest.every((n) => n === 0)) return new ScatterAdd(d).apply(x, index, part);
  const scattered = new ScatterAdd(d).apply(zerosOf(x, size), index, part);
  return x.add(scattered.pad(rest.flatMap((n) => [n, 0]).reverse()));
}

/** The first `shape[i]` elements along every dim i except `dim`. */
const shrunk = (x: Tensor, shape: Shape, dim: number): Tensor =>
  shape.reduce((part, n, i) => (i === dim || part.shape[i] === n ? part : part.narrow(i, 0, n)), x);

function checkSizes(call: string, x: Tensor, dim: number, index: Tensor): number {
  const d = normalDim(call, dim, x.shape);
  checkIndexType(call, index);
  if (index.rank === x.rank && index.shape.every((n, i) => i === d || n <= x.shape[i])) return d;
  throw new ShapeError(
    `${call}: an index of shape ${show(index.shape)} along dim ${dim} of a tensor of shape ${show(x.shape)} — ` +
      "both have as many dims, and the index is no larger in any other dim",
  );
}

function checkSource(x: Tensor, index: Tensor, source: Tensor): void {
  if (source.dtype !== x.dtype)
    throw new TypeError(
      `scatterAdd: a source of ${source.dtype} into ${x.dtype} — both must be of one dtype; use source.to("${x.dtype}")`,
    );
  if (source.rank === index.rank && index.shape.every((n, i) => n <= source.shape[i])) return;
  throw new ShapeError(
    `scatterAdd: a source of shape ${show(source.shape)} for an index of shape ${show(index.shape)} — ` +
      "the source needs an element for every index",
  );
}
