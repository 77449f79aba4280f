import { mean } from "./lists.ts";

// exercise: spread-variance
/** Σ (x − mean)² / n */
export function variance(xs: readonly number[]): number {
  const middle = mean(xs);
  const squares = xs.map((x) => (x - middle) ** 2);
  return mean(squares);
}
