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
  for (const [i, x] of inputs.entries()) if (x !== wide[i]) restUntilRead(operation.name, x, wide[i]);
  if (result !== y) restUntilRead(operation.name, result, y);
  return result;
}

/**
 * The operands of a product in the dtype that `autocast` asks for; as they are outside of it, and in float64. The rounded copy of
 * a parameter, or of a batch, takes no memory after the product: it is made again where backward reads it.
 */
export function narrowed<T extends readonly (Tensor | null | undefined)[]>(...operands: T): T {
  const dtype = autocastDtype();
  if (dtype === null) return operands;
  return operands.map((x) => {
    if (!x || (x.dtype !== "float32" && !x.isHalf)) return x;
    const y = x.to(dtype);
    if (y !== x && x.isLeaf) noteOrigin("autocast", x, y);
    return y;
  }) as unknown as T;
}

/** For operations made of several: rounds once what they make of numbers in 16 bits; not at all while `autocast` is on. */
export function inFloat32(x: Tensor, compute: (x: Tensor) => Tensor): Tensor {
  if (!x.isHalf) return compute(x);
  const y = compute(x.to("float32"));
  return autocastDtype() === null ? y.to(x.dtype) : y;
}

function restUntilRead(name: string, half: Tensor, wide: Tensor): void {
  noteOrigin(name, half, wide);
  wide.storage.rest();
  half.storage.rest();
}

/** The numbers of y can be made again from x, as long as nobody writes to that. */
function noteOrigin(name: string, x: Tensor, y: Tensor): void {
  if (y.storage.size !== y.size || y.memoryOrder === null) return;
  const { version } = x.storage;
  y.storage.recoverable(() => {
    if (x.storage.version !== version) throw wasChanged(name, x);
    convert(x, y);
    x.storage.rest(); // where it can be made again itself
  });
}

const wasChanged = (name: string, { shape, dtype }: Tensor): GradientError =>
  new GradientError(
    `${name}.backward: ${show(shape)} ${dtype} was changed in place after the operation ran — ` +
      "its gradient needs the values of the forward pass; assign or step after backward, or compute with a clone()",
  );
