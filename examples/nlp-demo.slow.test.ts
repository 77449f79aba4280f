import { describe, expect, it } from "vitest";
import { runDemo } from "./nlp-demo.ts";

describe("the demonstration of language", () => {
  it("recites its text on each of three seeds; without memory no model can", () => {
    for (const seed of [1, 2, 3]) {
      const { losses, share, lossWithoutMemory } = runDemo({ seed, steps: 150 });
      expect(losses[0]).toBeGreaterThan(5); // about ln 300
      expect(losses.at(-1)).toBeLessThan(0.02);
      expect(lossWithoutMemory).toBeGreaterThan(0.5); // what a piece alone leaves open
      expect(share).toBe(1);
    }
  });
});
