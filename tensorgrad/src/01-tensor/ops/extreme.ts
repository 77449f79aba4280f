import { Function, type Gradient, int64s, node } from "../function.ts";
import { normalDims, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { checkNotEmpty, drop, keptShape, reduceInto } from "./reduce.ts";

/**
 * The largest or smallest element over any dims, which stay as dims of size 1. All elements that tie for it share the
 * gradient evenly; `Max` and `Min`, which also say where they found it, give all of it to that one.
 */
abstract class EvenExtreme extends Function {
  #x!: Tensor;
  #y!: Tensor;
  abstract readonly kernel: "max" | "min";
  readonly dims: readonly number[];
  constructor(dims: readonly number[]) {
    super();
    this.dims = dims;
  }
  forward(x: Tensor): Tensor {
    this.#x = x;
    this.#y = reduceInto(this.kernel, x, this.dims, x.newEmpty(keptShape(x.shape, this.dims)));
    return this.#y;
  }
  backward(g: Tensor): Gradient[] {
    const ties = this.#ties();
    const count = ties.sum(this.dims, { keepDim: true }).to(g.dtype);
    return [() => ties.where(g.div(count), 0)];
  }
  /** Where NaN won, every NaN is a winner. */
  #ties(): Tensor {
    return this.#x.eq(this.#y).logicalOr(this.#x.isNaN().logicalAnd(this.#y.isNaN()));
  }
  override onnx() {
    const op = this.kernel === "max" ? "ReduceMax" : "ReduceMin";
    return node(op, { keepdims: 1, noop_with_empty_axes: 1 }, [0, int64s(...this.dims)]);
  }
  override signature() {
    return this.#ties().data;
  }
}

export class Amax extends EvenExtreme {
  readonly kernel = "max";
}

export class Amin extends EvenExtreme {
  readonly kernel = "min";
}

/** `call` is what the user typed: `max` without a dim is `amax` over all. */
export function extreme(
  call: string,
  Operation: typeof Amax | typeof Amin,
  x: Tensor,
  dim?: number | Shape,
  keep: { readonly keepDim?: boolean } = {},
): Tensor {
  const dims = normalDims(call, dim, x.shape);
  for (const d of dims) checkNotEmpty(call, x, d);
  return drop(new Operation(dims).apply(x), dims, keep);
}
