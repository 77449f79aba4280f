import { checkCase } from "../gradients/gradients.ts";
import { checkAgainstScalars } from "../gradients/scalar-oracle.ts";
import { checkReference } from "../references/references.ts";
import { cases } from "../table/cases.ts";
import { mutants } from "./index.ts";
import type { Catcher, Mutant } from "./mutant.ts";

export { mutants } from "./index.ts";
export type { Catcher, Mutant } from "./mutant.ts";

export interface MutantResult {
  readonly name: string;
  readonly seeds: number;
  /** Seeds on which it was caught. */
  readonly caught: number;
  /** The laws that caught it. */
  readonly laws: readonly string[];
}

export interface MutantOptions {
  readonly seeds?: number;
  readonly seed?: number;
  readonly filter?: string;
  /** Examples drawn per row and seed. */
  readonly runs?: number;
}

/** Plants every fault and lets the checker look for it. */
export function checkMutants({ filter = "", ...options }: MutantOptions = {}): MutantResult[] {
  return mutants.filter(({ name }) => name.includes(filter)).map((mutant) => checkMutant(mutant, options));
}

export function checkMutant(
  mutant: Mutant,
  { seeds = 20, seed = 1, runs = 100 }: MutantOptions = {},
): MutantResult {
  const found: string[] = [];
  for (let i = 0; i < seeds; i++) {
    const remove = mutant.plant();
    try {
      const law = mutant.caughtBy.map((catcher) => look(catcher, seed + i, runs)).find((law) => law !== null);
      if (law) found.push(law);
    } finally {
      remove();
    }
  }
  return { name: mutant.name, seeds, caught: found.length, laws: [...new Set(found)] };
}

/** The law by which this catcher notices something, or null. */
function look(catcher: Catcher, seed: number, runs: number): string | null {
  if (catcher === "scalars")
    return checkAgainstScalars({ seed, runs, shrink: false }).failure ? "scalar oracle" : null;
  if ("reference" in catcher)
    return checkReference(catcher.reference, seed).wrong === null ? null : `reference: ${catcher.reference}`;
  const row = cases.find(({ name }) => name === catcher.row);
  if (row === undefined)
    throw new Error(`mutants: no row named ${JSON.stringify(catcher.row)} in the table of cases`);
  return checkCase(row, { seed, runs, directions: 2, shrink: false }).failure?.finding.law ?? null;
}
