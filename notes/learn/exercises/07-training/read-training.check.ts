import { asked } from "../compare.ts";

const steps = (floor: number, noiseScale: number, batch: number): number => floor * (1 + noiseScale / batch);

export const { checks, solution } = asked({
  share: ["what the gradient of the last batch weighs", () => 2 / (4 + 4 + 2)],
  steps: ["steps with batches of 50", () => steps(100, 50, 50)],
  floor: ["steps with the largest batch", () => steps(100, 50, Number.POSITIVE_INFINITY)],
  moves: ["how far a unit's input moves", () => 0.01 * 110, 1e-6],
});
