import { interleavedSync, medianOf } from "tensorgrad/benchmarking";
import { asked } from "../compare.ts";

/** Which way was called when. */
function called(): string[] {
  const calls: string[] = [];
  const [A, B, C] = ["A", "B", "C"].map((name) => () => void calls.push(name));
  interleavedSync({ A, B, C }, { rounds: 5, warmUp: 2, now: () => calls.length });
  return calls;
}

const ROUNDS = Array.from({ length: 20 }, (_, i) => (i === 7 ? 100 : 2));

export const { checks, solution } = asked({
  calls: ["calls in all", () => called().length],
  first: [
    "counted rounds in which A comes first",
    () =>
      called()
        .slice(2 * 3)
        .filter((name, i) => i % 3 === 0 && name === "A").length,
  ],
  mean: ["the mean", () => ROUNDS.reduce((sum, ms) => sum + ms, 0) / ROUNDS.length],
  median: ["the median", () => medianOf(ROUNDS) ?? Number.NaN],
});
