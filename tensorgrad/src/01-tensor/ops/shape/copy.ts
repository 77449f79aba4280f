import { kernels, ShapeError, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { node } from "../../onnx-words.ts";
import { checkStores } from "../../parse.ts";
import { eachPlane } from "../../planes.ts";
import { overlaps, type Shape, sameShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import * as reference from "./copy.reference.ts";
import * as split from "./copy.split.ts";

const kernel = kernels(reference, split, ["copy"], [], ["cast"]);

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

/** x in row-major order, in a storage of its own. */
export function packed(x: Tensor): Tensor {
  const y = x.newEmpty(x.shape);
  copyInto(x, y);
  return y;
}

/** The same numbers in the memory order of `like`, a tensor of the same shape without gaps; copied if they lie in another one. */
export function alike(x: Tensor, like: Tensor): Tensor {
  if (like.isContiguous() ? x.isContiguous() : sameShape(x.strides, like.strides)) return x;
  const y = like.newLike(x.dtype);
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

/**
 * Overwrites the elements of a (possibly strided) tensor by as many numbers, which come from a tensor of that `shape`, or from
 * a list.
 *
 * Throws    ShapeError for another shape, and for a target whose elements share memory; RangeError for numbers that its dtype
 *           does not hold. Nothing is written then
 */
export function assign(x: Tensor, values: ArrayLike<number>, shape: Shape | null): void {
  if (values.length !== x.size || (shape && !sameShape(shape, x.shape))) {
    const given = shape ? show(shape) : `${values.length} numbers`;
    throw new ShapeError(`assign: ${given} into a tensor of shape ${show(x.shape)} — shapes must be equal`);
  }
  if (overlaps(x.shape, x.strides))
    throw new ShapeError(
      `assign: into a tensor of shape ${show(x.shape)} with strides ${show(x.strides)} — some of its elements are one place in ` +
        "memory; assign to a clone(), or to the tensor before expand",
    );
  checkStores(x.dtype, values);
  x.storage.version++;
  if (x.isContiguous()) x.storage.view.set(values, x.offset);
  else copyInto(x.newFrom(values, x.shape), x);
}
