import { HEAVY, splitUnary } from "../../../00-runtime/split.ts";

const heavy = splitUnary(HEAVY);

export {
  heavy as acos,
  heavy as asin,
  heavy as cosh,
  heavy as exp2,
  heavy as log2,
  heavy as log10,
  heavy as sinh,
  heavy as tan,
};
