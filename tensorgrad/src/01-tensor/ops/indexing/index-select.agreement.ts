import { additionCalls, lookupCalls } from "../../../agreement/calls.ts";
import { EXACT, each, type KernelCase, SELDOM } from "../../../agreement/case.ts";

export const cases: readonly KernelCase[] = [
  ...each("indexSelect", 0, EXACT, lookupCalls(false), { undivided: SELDOM }),
  ...each("indexAdd", 8, "40 terms added in sequence", additionCalls(false), {
    floor: "absolute values",
    undivided: SELDOM,
  }),
];
