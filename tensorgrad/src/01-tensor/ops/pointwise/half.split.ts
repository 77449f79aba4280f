import { divide, FLOAT, LIGHT, type Split } from "../../../00-runtime/split.ts";

/** Bytes of a number in 16 bits. */
const HALF = 2;

const between =
  (from: number, to: number): Split =>
  (x, y, n) =>
    divide(n, LIGHT, (first, length) => [x + from * first, y + to * first, length]);

export const float16ToFloat32 = between(HALF, FLOAT);
export const bfloat16ToFloat32 = between(HALF, FLOAT);
export const float32ToFloat16 = between(FLOAT, HALF);
export const float32ToBfloat16 = between(FLOAT, HALF);
