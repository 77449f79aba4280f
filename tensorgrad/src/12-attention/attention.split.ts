import { divide, type Split } from "../00-runtime/split.ts";

/** By heads: the arguments end in the number of the first one, how many there are, and the nanoseconds of one. */
const byHeads: Split = (...args) => {
  const [first, count, cost] = args.slice(-3);
  const shared = args.slice(0, -3);
  return divide(count, cost, (start, length) => [...shared, first + start, length, cost], 1);
};

export const attention = byHeads;
/** By heads of keys, which sum over the query heads that share them. */
export const attentionGrad = byHeads;
