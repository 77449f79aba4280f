import { Random, scope } from "tensorgrad";
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
