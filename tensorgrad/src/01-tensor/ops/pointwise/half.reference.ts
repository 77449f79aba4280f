import type { Floats } from "../../../00-runtime/arrays.ts";
import { decode, encode } from "../../../00-runtime/half.ts";

// Between float32 and numbers of 16 bits, which lie in memory as their bits; n elements without gaps.

export const float16ToFloat32 = (x: Uint16Array, y: Floats, n: number): void =>
  decode(x, "float16", y.subarray(0, n));

export const bfloat16ToFloat32 = (x: Uint16Array, y: Floats, n: number): void =>
  decode(x, "bfloat16", y.subarray(0, n));

/** To the nearest, halves to even; beyond 65519 it is ∞. */
export const float32ToFloat16 = (x: Floats, y: Uint16Array, n: number): void =>
  encode(x.subarray(0, n), "float16", y);

export const float32ToBfloat16 = (x: Floats, y: Uint16Array, n: number): void =>
  encode(x.subarray(0, n), "bfloat16", y);
