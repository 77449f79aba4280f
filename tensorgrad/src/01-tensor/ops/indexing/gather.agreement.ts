import { additionCalls, lookupCalls } from "../../../agreement/calls.ts";
import { EXACT, each, type KernelCase, SELDOM } from "../../../agreement/case.ts";

export const cases: readonly KernelCase[] = [
  ...each("gather", 0, EXACT, lookupCalls(true), { undivided: SELDOM }),
  ...each("scatterAdd", 8, "40 terms added in sequence", additionCalls(true), {
    floor: "absolute values",
    undivided: SELDOM,
  }),
];
