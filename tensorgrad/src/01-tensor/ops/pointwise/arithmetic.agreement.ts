import { binaryCalls } from "../../../agreement/calls.ts";
import { EXACT, each, type KernelCase, ROUNDED } from "../../../agreement/case.ts";

const calls = binaryCalls(Float32Array);

export const cases: readonly KernelCase[] = [
  ...each("add sub mul div", 0.5, ROUNDED, calls),
  ...each("maximum minimum", 0, EXACT, calls),
  ...each("fmod", 0, EXACT, calls),
  ...each("atan2", 3, "a quotient, the angle within 2, and a difference", binaryCalls(Float32Array, 50_000)),
  ...each("pow", 1, "logarithm and exponential in float64", binaryCalls(Float32Array, 50_000)),
];
