import { isFloat, show } from "../../00-runtime/index.ts";
import type { Tensor } from "../tensor.ts";
import { Where } from "./compare.ts";

/** `value` where the mask holds, x elsewhere, in x's dtype; mask and x broadcast. Nothing flows back through filled elements. */
export function maskedFill(x: Tensor, mask: Tensor, value: number): Tensor {
  if (mask.dtype !== "bool")
    throw new TypeError(
      `maskedFill: a mask of dtype ${mask.dtype} — a mask is a tensor of bool; compare first: x.gt(0)`,
    );
  checkHolds("maskedFill", x, value);
  return new Where().apply(mask, x.newFrom([value], []), x);
}

/** Throws    TypeError for a fraction that would go into a tensor of integers */
export function checkHolds(call: string, x: Tensor, value: number): void {
  if (isFloat(x.dtype) || Number.isInteger(value)) return;
  throw new TypeError(
    `${call}: ${value} into a tensor of shape ${show(x.shape)} ${x.dtype} — only floats hold it; use x.to("float32")`,
  );
}
