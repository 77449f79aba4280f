import { kernels } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { linesOf } from "../../lines.ts";
import { int64s, node } from "../../onnx-words.ts";
import { normalDim, normalDims } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { fitted, newSums } from "./exact.ts";
import * as reference from "./scan.reference.ts";

const kernel = kernels(reference);

/**
 * Running sums along one dim.
 *
 *   y[…, j, …] = Σ_{k ≤ j} x[…, k, …]      (reverse: k ≥ j)
 *
 * Gradient  x[k] is part of every later sum: the reverse running sum of g
 * ONNX      CumSum
 */
export class CumSum extends Function {
  readonly dim: number;
  readonly reverse: boolean;
  constructor(dim: number, reverse = false) {
    super();
    [this.dim, this.reverse] = [dim, reverse];
  }
  forward(x: Tensor): Tensor {
    const y = newSums(x, x.shape);
    kernel.cumsum(x.contiguous(), y, ...linesOf(x.shape, this.dim), this.reverse ? 1 : 0);
    return fitted("cumsum", y, x.dtype);
  }
  backward(g: Tensor): Gradient[] {
    return [() => new CumSum(this.dim, !this.reverse).apply(g)];
  }
  override onnx() {
    return node("CumSum", { reverse: this.reverse ? 1 : 0 }, [0, int64s(this.dim)]);
  }
}

/** One dim backwards, copied: a view is `slice(dim, undefined, undefined, -1)`. Its own inverse and its own adjoint. */
export class Flip extends Function {
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  forward(x: Tensor): Tensor {
    const y = x.newEmpty(x.shape);
    kernel.flip(x.contiguous(), y, ...linesOf(x.shape, this.dim));
    return y;
  }
  backward(g: Tensor): Gradient[] {
    return [() => new Flip(this.dim).apply(g)];
  }
  override onnx() {
    const beforeFirst = -(2 ** 31); // an end of −1 would be the last element
    return node("Slice", {}, [0, int64s(-1), int64s(beforeFirst), int64s(this.dim), int64s(-1)]);
  }
}

/** Like `sum`, counts booleans and bytes in int32. */
export function cumsum(x: Tensor, dim: number): Tensor {
  const d = normalDim("cumsum", dim, x.shape);
  return new CumSum(d).apply(x.isFloat ? x : x.to("int32"));
}

export const flip = (x: Tensor, dims: number | readonly number[]): Tensor =>
  normalDims("flip", dims, x.shape).reduce((y, dim) => new Flip(dim).apply(y), x);
