import { Function, type Gradient } from "../../function.ts";
import { int64s, node } from "../../onnx-words.ts";
import { normalDims, sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { stack } from "../shape/cat.ts";
import { fillWith } from "../shape/copy.ts";
import { fitted, newSums } from "./exact.ts";
import { checkKeep, drop, keptShape, reduceInto } from "./reduce.ts";

/**
 * Π over `dims`, which stay as dims of size 1.
 *
 * Gradient  g times the product of all other elements, found without a division: right also where elements are 0
 * ONNX      ReduceProd
 */
export class Prod extends Function {
  #x!: Tensor;
  readonly dims: readonly number[];
  constructor(dims: readonly number[]) {
    super();
    this.dims = dims;
  }
  forward(x: Tensor): Tensor {
    this.#x = x;
    const products = reduceInto("prod", x, this.dims, newSums(x, keptShape(x.shape, this.dims)));
    return fitted("prod", products, x.dtype);
  }
  backward(g: Tensor): Gradient[] {
    return [() => g.mul(others(this.#x, this.dims))];
  }
  override onnx() {
    return node("ReduceProd", { keepdims: 1, noop_with_empty_axes: 1 }, [0, int64s(...this.dims)]);
  }
}

/** For every element the product of the others over `dims`: brings these dims to the end as one, and back. */
function others(x: Tensor, dims: readonly number[]): Tensor {
  const order = [...x.shape.keys()].filter((i) => !dims.includes(i)).concat(dims);
  const moved = x.permute(order);
  const kept = moved.shape.slice(0, x.rank - dims.length);
  const count = sizeOf(moved.shape.slice(kept.length));
  const products = othersAlong(moved.reshape([...kept, count])).reshape(moved.shape);
  return products.permute(order.map((_, i) => order.indexOf(i)));
}

/**
 * The same along the last dim, by halving: neighbours a and b become one element a·b. For a, multiply the product of the
 * remaining elements by b; for b, by a. O(n) multiplications in log n steps, all differentiable.
 */
function othersAlong(x: Tensor): Tensor {
  const n = x.shape.at(-1) as number;
  if (n <= 1) return fillWith(x.newEmpty(x.shape), 1);
  if (n % 2 === 1) return othersAlong(x.pad([0, 1], { value: 1 })).narrow(-1, 0, n);
  const [a, b] = [x.slice(-1, 0, n, 2), x.slice(-1, 1, n, 2)]; // [..., n/2]
  const outside = othersAlong(a.mul(b));
  return stack([outside.mul(b), outside.mul(a)], -1).reshape(x.shape); // [..., n/2, 2] → [..., n]
}

/** Like `sum`, multiplies booleans and bytes in int32. */
export function prod(
  x: Tensor,
  dim: number | readonly number[] | undefined,
  keep: { readonly keepDim?: boolean },
): Tensor {
  checkKeep("prod", keep);
  const dims = normalDims("prod", dim, x.shape);
  return drop(new Prod(dims).apply(x.isFloat ? x : x.to("int32")), dims, keep);
}
