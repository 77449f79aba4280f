import { divide, type Split } from "../00-runtime/split.ts";

/**
 * For kernels that work piece by piece. Their last four arguments are the number of the first piece, how many there are, the
 * nanoseconds that one takes, and where the memory begins for a BLAS (0 without one). How pieces are cut follows from the
 * shapes alone; threads take some of them each.
 */
export const splitPieces: Split = (...args) => {
  const [first, count, cost, base] = args.slice(-4);
  const shared = args.slice(0, -4);
  const part = (start: number, length: number) => [...shared, first + start, length, cost, base];
  return { ...divide(count, cost, part, 1), callsOutside: base !== 0 };
};
