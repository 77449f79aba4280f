import { asked } from "../compare.ts";

/** How often all of n coins fall on one side. */
function allOnOneSide(n: number): number {
  const outcomes = Array.from({ length: 2 ** n }, (_, bits) => bits);
  return outcomes.filter((bits) => bits === 0 || bits === 2 ** n - 1).length / outcomes.length;
}

export const { checks, solution } = asked({
  byChance: ["cases named by chance", () => 40 * 0.05, 1e-9],
  throughput: ["images a second", () => 64 / 0.005, 1e-9],
  narrower: ["how much narrower", () => Math.sqrt(4)],
  sixRounds: ["the chance to miss with 6 rounds", () => 100 * allOnOneSide(6), 0.02],
});
