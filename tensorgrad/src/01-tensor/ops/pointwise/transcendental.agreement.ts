import { unaryCalls } from "../../../agreement/calls.ts";
import { each, type KernelCase } from "../../../agreement/case.ts";

const unary = unaryCalls();

export const cases: readonly KernelCase[] = [
  ...each("exp2 log2 log10", 1, "computed in float64", unary),
  ...each("tan", 4, "sine and cosine within 1.5, and a quotient", unary),
  ...each("asin acos", 4, "a root and a quotient, then the angle within 2", unary),
  ...each("sinh cosh", 4, "an exponential within 1.05 squared; or within 2, a quotient and a sum", unary),
];
