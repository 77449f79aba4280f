import { type DType, GradientError, isHalf, show } from "../00-runtime/index.ts";
import { autocastDtype } from "./autocast.ts";
import type { Function } from "./function.ts";
import { convert } from "./ops/pointwise/half.ts";
import type { Tensor } from "./tensor.ts";

/**
 * An operation on numbers in 16 bits: it computes in float32, and its result is rounded once, to the dtype of the first operand
 * that is a float. The conversions are operations of the graph, so gradients are rounded where numbers were.
 *
 * The float32 copies rest between the forward pass and backward: what the operation saved of them is made again from the 16 bits
 * when its rule reads it. So a graph holds two bytes an element.
 */
export function computedWide(operation: Function, inputs: readonly Tensor[]): Tensor {
  const dtype = inputs.find((x) => x.isFloat)?.dtype as DType;
  const wide = inputs.map((x) => (x.isHalf ? x.to("float32") : x));
  const y = operation.apply(...wide);
  const result = isHalf(dtype) && y.dtype === "float32" ? y.to(dtype) : y;
  for (const [i, x] of inputs.entries()) if (x !== wide[i]) restUntilRead(operation, x, wide[i]);
  if (result !== y) restUntilRead(operation, result, y);
  return result;
}

/** For operations made of several: rounds once what they make of numbers in 16 bits; not at all while `autocast` is on. */
export function inFloat32(x: Tensor, compute: (x: Tensor) => Tensor): Tensor {
  if (!x.isHalf) return compute(x);
  const y = compute(x.to("float32"));
  return autocastDtype() === null ? y.to(x.dtype) : y;
}

/** The numbers of `wide` can be made again from `half`, as long as nobody writes to that. */
function restUntilRead(operation: Function, half: Tensor, wide: Tensor): void {
  if (wide.storage.size !== wide.size || wide.memoryOrder === null) return;
  const { version } = half.storage;
  wide.storage.recoverable(() => {
    if (half.storage.version === version) convert(half, wide);
    else throw wasChanged(operation, half);
  });
}

const wasChanged = ({ name }: Function, { shape, dtype }: Tensor): GradientError =>
  new GradientError(
    `${name}.backward: ${show(shape)} ${dtype} was changed in place after the operation ran — ` +
      "its gradient needs the values of the forward pass; assign or step after backward, or compute with a clone()",
  );
