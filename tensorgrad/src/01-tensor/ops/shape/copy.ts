import { kernels } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { node } from "../../onnx-words.ts";
import { eachPlane } from "../../planes.ts";
import type { Tensor } from "../../tensor.ts";
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

/** x in row-major order, in a storage of its own. */
export function packed(x: Tensor): Tensor {
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

/** Overwrites the elements of a (possibly strided) tensor. */
export function write(x: Tensor, values: ArrayLike<number>): void {
  x.storage.version++;
  if (x.isContiguous()) x.data.set(values);
  else copyInto(x.newFrom(values, x.shape), x);
}
