import { describe, expect, it } from "vitest";
import { checkMutant, mutants } from "./mutants.ts";

describe("planted faults", () => {
  it("are many, and each has a name of its own", () => {
    expect(mutants.length).toBeGreaterThanOrEqual(40);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });

  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))("%s", async (_, mutant) => {
    const { caught, seeds } = await checkMutant(mutant, { seeds: 3 });
    expect({ caught, seeds }).toEqual({ caught: 3, seeds: 3 });
  });
});
