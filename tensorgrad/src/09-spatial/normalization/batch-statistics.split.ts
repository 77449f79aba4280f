import { divide, FLOAT, HEAVY, type Split } from "../../00-runtime/split.ts";

/** By channels: every one is a sum over all else. */
export const batchStatistics: Split = (x, shift, rest, variance, outer, channels, inner, step) =>
  divide(channels, outer * inner * HEAVY, (c, n) => {
    const to = FLOAT * c;
    return [x + to * inner, shift + to, rest + to, variance + to, outer, n, inner, step];
  });
