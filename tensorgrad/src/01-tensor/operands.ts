import {
  type DType,
  expectArgument,
  isFloat,
  isList,
  promote,
  refuseOtherCopy,
} from "../00-runtime/index.ts";
import type { Function } from "./function.ts";
import { holds } from "./parse.ts";
import type { Tensor } from "./tensor.ts";

/** What `x.add(…)` takes. */
export type Other = Tensor | number;

/** A number as a scalar tensor that leaves `like`'s dtype alone wherever it can hold the number. */
export function scalar(value: number, like: Tensor, call: string, dtype?: DType): Tensor {
  if (typeof value !== "number") {
    throw new TypeError(
      `${call}: expected a tensor or a number, got ${value === null ? "null" : typeof value} — wrap lists with tensor([…])`,
    );
  }
  return like.newFrom([value], [], dtype ?? numberType(value, like.dtype));
}

/** `dtype` if it holds the number; else int32, or float32 for fractions and for what is beyond int32. */
function numberType(value: number, dtype: DType): DType {
  if (isFloat(dtype) || holds(dtype, value)) return dtype;
  return holds("int32", value) ? "int32" : "float32";
}

/** Applies a two-operand function after bringing both operands to one dtype. */
export function binary(call: string, Operation: new () => Function, a: Tensor, b: Other): Tensor {
  const given = typeof b === "object" && b !== null;
  if (given) refuseOtherCopy(call, "a tensor", b);
  const isNumber = !given || !("storage" in b);
  if (isNumber && a.isHalf) return new Operation().apply(a, scalar(b as number, a, call, "float32")); // not rounded to 16 bits
  const right = isNumber ? scalar(b as number, a, call) : b;
  const dtype = counted(call, promote(a.dtype, right.dtype));
  return new Operation().apply(a.to(dtype), right.to(dtype));
}

/** Booleans alone are counted: true + true is 2. Products, maxima and powers of 0 and 1 are 0 or 1 again. */
const counted = (call: string, dtype: DType): DType =>
  dtype === "bool" && (call === "add" || call === "sub") ? "int32" : dtype;

export const isFraction = (x: number): boolean => Number.isFinite(x) && !Number.isInteger(x);

/** Throws TypeError for a tensor of another copy of the library: nobody can do anything with it here. */
export function isTensor(value: unknown): value is Tensor {
  if (typeof value !== "object" || value === null || !("storage" in value)) return false;
  refuseOtherCopy("tensor", "a tensor", value);
  return true;
}

/** The tensor that a call was given. Throws TypeError for anything else: `relu: x 7.5 — expected a tensor`. */
export function expectTensor(call: string, x: unknown, name = "x"): Tensor {
  expectArgument(isTensor(x), call, name, x, "a tensor");
  return x as Tensor;
}

/** The tensors that a call was given, in a list. */
export function expectTensors(call: string, list: unknown, name: string): void {
  expectArgument(isList(list), call, name, list, "a list of tensors");
  for (const [i, x] of (list as unknown[]).entries()) expectTensor(call, x, `${name}[${i}]`);
}
