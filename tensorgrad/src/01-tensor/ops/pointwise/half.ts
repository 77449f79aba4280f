import { kernels } from "../../../00-runtime/index.ts";
import type { Tensor } from "../../tensor.ts";
import { packed } from "../shape/copy.ts";
import * as reference from "./half.reference.ts";
import * as split from "./half.split.ts";

const kernel = kernels(reference, split, {
  halves: ["float16ToFloat32", "bfloat16ToFloat32", "float32ToFloat16", "float32ToBfloat16"],
});

/**
 * Writes the numbers of x into y, a tensor of another dtype and the same shape that lies like x if x has no gaps, else in
 * row-major order.
 */
export function convert(x: Tensor, y: Tensor): void {
  const from = x.memoryOrder ? x : packed(x);
  if (x.dtype === "float16" && y.dtype === "float32") kernel.float16ToFloat32(from, y, y.size);
  else if (x.dtype === "bfloat16" && y.dtype === "float32") kernel.bfloat16ToFloat32(from, y, y.size);
  else if (x.dtype === "float32" && y.dtype === "float16") kernel.float32ToFloat16(from, y, y.size);
  else if (x.dtype === "float32" && y.dtype === "bfloat16") kernel.float32ToBfloat16(from, y, y.size);
  else inDouble(from, y);
}

/** Conversions that nobody waits for: exact on the way, rounded once. */
function inDouble(x: Tensor, y: Tensor): void {
  const numbers = x.storage.numbersOf(x.elements.subarray(0, x.size));
  if (y.dtype === "bool") y.elements.set(numbers.map((value) => (value === 0 ? 0 : 1)).subarray(0, y.size));
  else y.storage.write(numbers, y.offset);
}
