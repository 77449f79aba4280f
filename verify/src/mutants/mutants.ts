import { checkCase } from "../gradients/gradients.ts";
import { checkAgainstScalars } from "../gradients/scalar-oracle.ts";
import { randomScalarParity } from "../parity/scalar-random.ts";
import { checkReference } from "../references/references.ts";
import { text } from "../report/cells.ts";
import type { Section } from "../section.ts";
import { cases, tables } from "../table/cases.ts";
import type { By, Fault } from "./plant.ts";

/** A fault together with the row in which it stands. */
export interface Mutant {
  readonly name: string;
  readonly caughtBy: readonly Catcher[];
  readonly plant: Fault["plant"];
}

export type Catcher = Exclude<By, "row" | "reference"> | { readonly reference: string };

/** Every planted fault: those of rows are named after them. */
export const mutants: readonly Mutant[] = tables.flatMap(({ rows = [], faults = [] }) => [
  ...rows.flatMap((row) =>
    row.faults.map(({ name, by, plant }) => ({
      name: `${row.name}: ${name}`,
      caughtBy: by.map((one) => catcherIn(row.name, one)),
      plant,
    })),
  ),
  ...faults.map(({ name, by, plant }) => ({ name, caughtBy: by.map((one) => catcherIn("", one)), plant })),
]);

function catcherIn(row: string, by: By): Catcher {
  return by === "row" ? { row } : by === "reference" ? { reference: row } : by;
}

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
  /** Examples drawn per row and seed. */
  readonly runs?: number;
}

/** Plants a fault and lets the checks that are named for it look, on several seeds. */
export async function checkMutant(
  mutant: Mutant,
  { seeds = 20, seed = 1, runs = 100 }: MutantOptions = {},
): Promise<MutantResult> {
  const found: string[] = [];
  for (let i = 0; i < seeds; i++) {
    const remove = mutant.plant();
    try {
      for (const catcher of mutant.caughtBy) {
        const law = await look(catcher, seed + i, runs);
        if (law === null) continue;
        found.push(law);
        break;
      }
    } finally {
      remove();
    }
  }
  return { name: mutant.name, seeds, caught: found.length, laws: [...new Set(found)] };
}

/** The law by which this catcher notices something, or null. */
async function look(catcher: Catcher, seed: number, runs: number): Promise<string | null> {
  if (catcher === "scalars")
    return checkAgainstScalars({ seed, runs, shrink: false }).failure ? "scalar oracle" : null;
  if (catcher === "scalar parity")
    return (await randomScalarParity({ seed, runs, shrink: false })).passed ? null : "scalar parity";
  if ("reference" in catcher)
    return checkReference(catcher.reference, seed).wrong === null ? null : `reference: ${catcher.reference}`;
  const row = cases.find(({ name }) => name === catcher.row);
  if (row === undefined)
    throw new Error(`mutants: no row named ${JSON.stringify(catcher.row)} in the table of cases`);
  return checkCase(row, { seed, runs, directions: 2, shrink: false }).failure?.finding.law ?? null;
}

/**
 * Who watches the watchmen: the checks against faults that are known to be there. A fault that only some seeds
 * reveal counts as missed, for the next run might be one of the others.
 */
export const planted: Section<MutantResult, Mutant> = {
  part: "planted",
  title: "Planted faults",
  about: "One method at a time replaced by a wrong one; each has to be caught on every seed.",
  items: () => mutants,
  check: (mutant, { seed, seeds }) => checkMutant(mutant, { seed, seeds }),
  columns: {
    fault: (m) => text(m.name),
    caught: (m) => text(m.caught),
    seeds: (m) => text(m.seeds),
    "by law": (m) => text(m.laws.join(", ")),
  },
  brief: ["fault", "caught", "seeds", "by law"],
  wrong: ({ name, caught, seeds }) =>
    caught === seeds ? null : `planted fault "${name}" caught on ${caught} of ${seeds} seeds only`,
  counts: [{ key: "planted", label: "planted faults caught", passedIs: "caught" }],
};
