import {
  expectArgument,
  type Half,
  halfBits,
  isList,
  kernels,
  ShapeError,
  show,
} from "../../../00-runtime/index.ts";
import { checkStores } from "../../parse.ts";
import { eachPlane, isUpright } from "../../planes.ts";
import { broadcastStrides, overlaps, type Shape, sameShape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import * as reference from "./copy.reference.ts";
import * as split from "./copy.split.ts";

const kernel = kernels(reference, split, { moving: ["copy"], plain: ["cast"] });

/** Copies x into y, broadcasting it to y's shape; both may be strided views. */
export function copyInto(x: Tensor, y: Tensor): void {
  if (y.isHalf && y.isContiguous() && x.isContiguous() && x.size === y.size) {
    y.elements.set(x.elements.subarray(0, x.size));
    return;
  }
  if (!isUpright(y)) {
    const turned = y.strides.map((stride) => stride < 0);
    const strides = broadcastStrides(x.shape, x.strides, y.shape);
    copyInto(mirrored(x.newView(y.shape, strides, x.offset), turned), mirrored(y, turned));
    return;
  }
  eachPlane(y.shape, [x, y], ([x, y], rows, cols, [xRow, xCol, yRow, yCol]) =>
    kernel.copy(x, y, rows, cols, xRow, xCol, yRow, yCol),
  );
}

/** The same elements with some dims backwards: a view that begins at their other end. */
function mirrored(x: Tensor, turned: readonly boolean[]): Tensor {
  const strides = x.strides.map((stride, d) => (turned[d] ? 0 - stride : stride));
  const offset = x.strides.reduce((sum, s, d) => (turned[d] ? sum + (x.shape[d] - 1) * s : sum), x.offset);
  return x.newView(x.shape, strides, x.size === 0 ? x.offset : offset);
}

export function fillWith(y: Tensor, value: number): Tensor {
  if (y.isContiguous() && y.isHalf) y.elements.subarray(0, y.size).fill(halfBits(value, y.dtype as Half));
  else if (y.isContiguous()) kernel.fill(y, y.size, value);
  else copyInto(y.newFrom([value], []), y);
  return y;
}

/** y += x in place, for contiguous tensors of one shape. */
export function addInto(x: Tensor, y: Tensor): void {
  if (y.isHalf) copyInto(y.add(x), y);
  else kernel.addTo(x, y, y.size);
}

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

/**
 * Overwrites the elements of a (possibly strided) tensor by as many numbers, which come from a tensor of that `shape`, or from
 * a list.
 *
 * Throws    ShapeError for another shape, and for a target whose elements share memory; RangeError for numbers that its dtype
 *           does not hold. Nothing is written then
 */
export function assign(x: Tensor, values: ArrayLike<number>, shape: Shape | null): void {
  expectArgument(isList(values), "assign", "values", values, "a tensor or a list of numbers");
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
  if (x.isContiguous()) x.storage.write(values, x.offset);
  else copyInto(x.newFrom(values, x.shape), x);
}
