import { describe, expect, it } from "vitest";
import { checkCase } from "../gradients/gradients.ts";
import { cases } from "../table/cases.ts";
import { checkMutant, type Mutant, mutants } from "./mutants.ts";

const SEEDS = 20;

describe(`every planted fault, on ${SEEDS} of ${SEEDS} seeds`, () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))("%s", async (_, mutant) => {
    const { caught } = await checkMutant(mutant, { seeds: SEEDS, seed: 100 });
    expect(caught).toBe(SEEDS);
  });
});

describe("counterexamples of planted faults shrink to at most eight numbers", () => {
  const inRows = mutants.flatMap((mutant) =>
    mutant.caughtBy.flatMap((catcher) =>
      typeof catcher === "object" && "row" in catcher ? [[mutant.name, mutant, catcher.row] as const] : [],
    ),
  );

  // Whole networks cannot be smaller than their weights.
  it.each(inRows.filter(([, , row]) => row !== "Sequential"))("%s", (_, mutant, row) => {
    expect(smallest(mutant, row)).toBeLessThanOrEqual(8);
  });
});

function smallest(mutant: Mutant, name: string): number {
  const row = cases.find((one) => one.name === name);
  if (row === undefined) throw new Error(`no row ${name}`);
  const remove = mutant.plant();
  try {
    const { failure } = checkCase(row, { runs: 100 });
    return failure ? failure.example.inputs.reduce((sum, x) => sum + x.size, 0) : Number.POSITIVE_INFINITY;
  } finally {
    remove();
  }
}
