import { Random, scope } from "tensorgrad";
import { text } from "../report/cells.ts";
import type { Section } from "../section.ts";
import { definitions } from "../table/cases.ts";

export interface ReferenceResult {
  readonly name: string;
  /** null: right. */
  readonly wrong: string | null;
}

/** Holds the library against the definition of one row; an error is a finding, too. */
export function checkReference(name: string, seed: number): ReferenceResult {
  const { reference } = definitions.find((row) => row.name === name) ?? {};
  if (!reference) throw new Error(`checkReference: no row named ${JSON.stringify(name)} has a definition`);
  using _ = scope();
  try {
    return { name, wrong: reference(new Random(seed)) };
  } catch (error) {
    return { name, wrong: String(error) };
  }
}

/**
 * Finite differences confirm that a wrong gradient belongs to a wrong forward. What a function *is* has to be said
 * once more and elsewhere; here is what was said, and whether it holds.
 */
export const references: Section<ReferenceResult> = {
  part: "gradients",
  title: "Definitions and conventions",
  about:
    "Forwards in plain loops, values known by heart, ten optimizer steps by the formula, conventions at kinks.",
  items: () => definitions,
  check: ({ name }, { seed }) => checkReference(name, seed),
  columns: { reference: ({ name }) => text(name) },
  brief: ["reference"],
  wrong: ({ name, wrong }) => wrong && `${name}: ${wrong}`,
  counts: [{ key: "references", label: "definitions and conventions" }],
};
