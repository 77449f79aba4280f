import { type DType, isFloat, promote } from "../00-runtime/index.ts";
import type { Function } from "./function.ts";
import type { Tensor } from "./tensor.ts";

/** What `x.add(…)` takes. */
export type Other = Tensor | number;

/** A number as a scalar tensor that leaves `like`'s dtype alone wherever it can hold the number. */
export function scalar(value: number, like: Tensor, call: string): Tensor {
  if (typeof value !== "number") {
    throw new TypeError(
      `${call}: expected a tensor or a number, got ${value === null ? "null" : typeof value} — wrap lists with tensor([…])`,
    );
  }
  return like.newFrom([value], [], numberType(value, like.dtype));
}

function numberType(value: number, dtype: DType): DType {
  if (isFloat(dtype)) return dtype;
  if (!Number.isInteger(value)) return "float32";
  return dtype === "bool" ? "int32" : dtype;
}

/** Applies a two-operand function after bringing both operands to one dtype. */
export function binary(call: string, Operation: new () => Function, a: Tensor, b: Other): Tensor {
  const right = isTensor(b) ? b : scalar(b, a, call);
  const dtype = promote(a.dtype, right.dtype);
  return new Operation().apply(a.to(dtype), right.to(dtype));
}

export const isTensor = (value: unknown): value is Tensor =>
  typeof value === "object" && value !== null && "storage" in value;
