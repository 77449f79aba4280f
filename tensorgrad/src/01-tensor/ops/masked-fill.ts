import { isFloat, show } from "../../00-runtime/index.ts";
import type { Tensor } from "../tensor.ts";
import { Where } from "./compare.ts";

/** `value` where the mask holds, x elsewhere, in x's dtype; mask and x broadcast. Nothing flows back through filled elements. */
export function maskedFill(x: Tensor, mask: Tensor, value: number): Tensor {
  if (mask.dtype !== "bool")
    throw new TypeError(
      `maskedFill: a mask of dtype ${mask.dtype} — a mask is a tensor of bool; compare first: x.gt(0)`,
    );
  if (!isFloat(x.dtype) && !Number.isInteger(value))
    throw new TypeError(
      `maskedFill: ${value} into a tensor of shape ${show(x.shape)} ${x.dtype} — only floats hold it; use x.to("float32")`,
    );
  return new Where().apply(mask, x.newFrom([value], []), x);
}
