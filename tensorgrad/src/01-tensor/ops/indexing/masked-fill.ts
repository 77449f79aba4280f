import { isFloat, show } from "../../../00-runtime/index.ts";
import { expectTensor } from "../../operands.ts";
import type { Tensor } from "../../tensor.ts";
import { Where } from "../pointwise/compare.ts";

/** `value` where the mask holds, x elsewhere, in x's dtype; mask and x broadcast. Nothing flows back through filled elements. */
export function maskedFill(x: Tensor, mask: Tensor, value: number): Tensor {
  if (expectTensor("maskedFill", mask, "mask").dtype !== "bool")
    throw new TypeError(
      `maskedFill: a mask of dtype ${mask.dtype} — a mask is a tensor of bool; compare first: x.gt(0)`,
    );
  checkHolds("maskedFill", x, value);
  return new Where().apply(mask, x.newFrom([value], []), x);
}

/** Throws    TypeError for a fraction that would go into integers, and for anything but 0 and 1 into booleans */
export function checkHolds(call: string, x: Tensor, value: number): void {
  if (isFloat(x.dtype) || (x.dtype === "bool" ? value === 0 || value === 1 : Number.isInteger(value))) return;
  const remedy = x.dtype === "bool" ? "booleans are 0 and 1" : 'only floats hold it; use x.to("float32")';
  throw new TypeError(`${call}: ${value} into a tensor of shape ${show(x.shape)} ${x.dtype} — ${remedy}`);
}

/** Throws    TypeError for booleans, whose sums have no place in a tensor of bool */
export function checkAdds(call: string, x: Tensor): void {
  if (x.dtype === "bool")
    throw new TypeError(
      `${call}: into a tensor of shape ${show(x.shape)} bool — booleans cannot hold sums; use x.to("int32")`,
    );
}
