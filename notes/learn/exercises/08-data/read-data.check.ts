import { asked } from "../compare.ts";

/** The variance of the mean of B of N examples of a shuffled pass, for σ² = 1. */
const ofPass = (B: number, N: number): number => (1 / B) * ((N - B) / (N - 1));

export const { checks, solution } = asked({
  noise: ["the variance of a batch four times as large", () => 1 / 4],
  pass: ["the variance of 6 of 11", () => ofPass(6, 11), 1e-3],
  time: ["milliseconds of a batch", () => Math.max(30 / 2, 10)],
  crops: ["results of crop and flip", () => (2 * 4 + 1) ** 2 * 2],
});
