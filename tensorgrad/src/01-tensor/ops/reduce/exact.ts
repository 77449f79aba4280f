import { type DType, show } from "../../../00-runtime/index.ts";
import { holds, limits } from "../../parse.ts";
import { checking } from "../../reads.ts";
import type { Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";

/** Where sums of x's elements are formed: integers in float64, which holds them exactly up to 2⁵³. */
export const newSums = (x: Tensor, shape: Shape): Tensor =>
  x.newEmpty(shape, x.isFloat ? x.dtype : "float64");

/**
 * Sums that were formed by `newSums`, in the dtype that the result has.
 *
 * Throws    RangeError where an integer does not fit: it would wrap around, and nobody would notice
 */
export function fitted(call: string, sums: Tensor, dtype: DType): Tensor {
  if (sums.dtype === dtype) return sums;
  checking([sums], (sums) => requireFit(call, sums, dtype));
  return sums.to(dtype);
}

function requireFit(call: string, sums: Tensor, dtype: DType): void {
  const at = sums.data.findIndex((value) => !holds(dtype, value));
  if (at < 0) return;
  const [low, high] = limits[dtype as keyof typeof limits];
  throw new RangeError(
    `${call}: ${sums.data[at]} at element ${at} of the result ${show(sums.shape)} — ${dtype} holds integers from ${low} ` +
      `to ${high}; convert first: x.to("float64")`,
  );
}
