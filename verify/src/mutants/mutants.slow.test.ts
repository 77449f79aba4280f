import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { draws } from "../../../tensorgrad/tests/draws.fixture.ts";
import type { Example } from "../gradients/evaluate.ts";
import { checkCase } from "../gradients/gradients.ts";
import type { Case } from "../table/case.ts";
import { cases } from "../table/cases.ts";
import { checkMutant, type Mutant, mutants } from "./mutants.ts";

const SEEDS = draws(20, 2);

describe(`every planted fault, on ${SEEDS} of ${SEEDS} seeds`, () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))("%s", async (_, mutant) => {
    const { caught } = await checkMutant(mutant, { seeds: SEEDS, seed: 100 });
    expect(caught).toBe(SEEDS);
  });
});

describe("counterexamples of planted faults shrink to at most eight numbers, or nearly to what the row needs at least", () => {
  const inRows = mutants.flatMap((mutant) =>
    mutant.caughtBy.flatMap((catcher) =>
      typeof catcher === "object" && "row" in catcher ? [[mutant.name, mutant, catcher.row] as const] : [],
    ),
  );

  // Whole networks cannot be smaller than their weights.
  it.each(inRows.filter(([, , row]) => row !== "Sequential"))("%s", (_, mutant, row) => {
    expect(smallest(mutant, row)).toBeLessThanOrEqual(WITH_WEIGHTS.has(row) ? leastOf(row) + 4 : 8);
  });
});

function rowOf(name: string): Case {
  const row = cases.find((one) => one.name === name);
  if (row === undefined) throw new Error(`no row ${name}`);
  return row;
}

/** Rows whose weights alone are more than eight numbers: all gates, and as many filters as are computed at once. */
const WITH_WEIGHTS = new Set([
  "conv2d and maxPool2d in one pass",
  "LSTM, one direction",
  "GRU, one direction",
]);

const numbersIn = ({ inputs }: Example): number => inputs.reduce((sum, x) => sum + x.size, 0);

/** The numbers of the smallest example that does not consist of empty tensors. */
const leastOf = (name: string): number =>
  Math.min(
    ...fc
      .sample(rowOf(name).examples, { seed: 1, numRuns: 300 })
      .map(numbersIn)
      .filter((n) => n > 0),
  );

function smallest(mutant: Mutant, name: string): number {
  const row = rowOf(name);
  const remove = mutant.plant();
  try {
    const { failure } = checkCase(row, { runs: 100 });
    return failure ? numbersIn(failure.example) : Number.POSITIVE_INFINITY;
  } finally {
    remove();
  }
}
