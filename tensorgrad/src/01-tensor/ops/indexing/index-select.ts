import { kernels, ShapeError, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { linesOf } from "../../lines.ts";
import { int64s, node } from "../../onnx-words.ts";
import { normalDim, type Shape, sameShape, sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { fitted } from "../reduce/exact.ts";
import { fillWith, packed } from "../shape/copy.ts";
import * as reference from "./index-select.reference.ts";
import { checkIndexType, checkIndices } from "./indices.ts";
import { checkAdds } from "./masked-fill.ts";

const kernel = kernels(reference);

// Selecting and adding are each other's adjoints: what one copies out, the gradient adds back in.

/**
 * Slices of x along one dim, in the order of a list of indices.
 *
 *   y[…, j, …] = x[…, index[j], …]
 *
 * Shapes    x [..., N, ...], index [M] → y [..., M, ...]
 * Gradient  x: every slice of g added to the place it came from
 * ONNX      Gather
 */
export class IndexSelect extends Function {
  #index!: Tensor;
  #from!: Shape;
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  forward(x: Tensor, index: Tensor): Tensor {
    [this.#index, this.#from] = [index, x.shape];
    const y = x.newEmpty(x.shape.with(this.dim, index.size));
    kernel.indexSelect(x.contiguous(), index.contiguous(), y, ...linesOf(x.shape, this.dim), index.size);
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => new IndexAdd(this.dim).apply(zerosOf(g, this.#from), this.#index, g), null];
  }
  override onnx() {
    return node("Gather", { axis: this.dim });
  }
}

/**
 * Slices of `source` added to those of x that a list of indices names; one that is named twice gets both.
 *
 *   y = x, then y[…, index[j], …] += source[…, j, …]
 *
 * Shapes    x [..., N, ...], index [M], source [..., M, ...] → y [..., N, ...]
 * Gradient  x: g; source: the slices of g at `index`
 * ONNX      ScatterElements with reduction add
 */
export class IndexAdd extends Function {
  #index!: Tensor;
  #shape!: Shape;
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  forward(x: Tensor, index: Tensor, source: Tensor): Tensor {
    [this.#index, this.#shape] = [index, source.shape];
    const y = packed(x.isFloat ? x : x.to("float64")); // see exact.ts
    kernel.indexAdd(source.contiguous(), index.contiguous(), y, ...linesOf(x.shape, this.dim), index.size);
    return fitted("indexAdd", y, x.dtype);
  }
  backward(g: Tensor): Gradient[] {
    return [g, null, () => new IndexSelect(this.dim).apply(g, this.#index)];
  }
  override onnx() {
    const line = this.#shape.map((n, d) => (d === this.dim ? n : 1));
    const everywhere = node("Expand", {}, [
      node("Reshape", {}, [1, int64s(...line)]),
      int64s(...this.#shape),
    ]);
    return node("ScatterElements", { axis: this.dim, reduction: "add" }, [0, everywhere, 2]);
  }
}

export const zerosOf = (like: Tensor, shape: Shape): Tensor => fillWith(like.newEmpty(shape), 0);

export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  const d = checkList("indexSelect", x, dim, index);
  return new IndexSelect(d).apply(x.rank === 0 ? x.reshape(1) : x, index.reshape(-1));
}

export function indexAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  checkAdds("indexAdd", x);
  const d = checkList("indexAdd", x, dim, index);
  const expected = x.shape.with(d, index.size);
  if (sameShape(source.shape, expected) && source.dtype === x.dtype)
    return new IndexAdd(d).apply(x, index.reshape(-1), source);
  throw new ShapeError(
    `indexAdd: a source of shape ${show(source.shape)} ${source.dtype} for a tensor of shape ${show(x.shape)} ${x.dtype} and ` +
      `${sizeOf(index.shape)} indices along dim ${dim} — the source must be ${show(expected)} ${x.dtype}`,
  );
}

function checkList(call: string, x: Tensor, dim: number, index: Tensor): number {
  const d = normalDim(call, dim, x.shape);
  checkIndexType(call, index);
  if (index.rank > 1)
    throw new ShapeError(
      `${call}: an index of shape ${show(index.shape)} — indices come as a list of one dim; flatten it, or use gather`,
    );
  checkIndices(call, index, x, d);
  return d;
}
