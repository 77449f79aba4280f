import { describe, expect, it } from "vitest";
import { trainPlainly } from "./plain-loop.ts";

describe("the plain loop", () => {
  it("learns two moons, and ends with a lower loss than it began", () => {
    const { losses, accuracy } = trainPlainly({ steps: 100 });
    expect(losses).toHaveLength(100);
    expect(losses[99]).toBeLessThan(losses[0] / 3);
    expect(accuracy).toBeGreaterThan(0.95);
  });

  it("repeats itself from the same seed", () => {
    expect(trainPlainly({ steps: 5 })).toEqual(trainPlainly({ steps: 5 }));
  });
});
