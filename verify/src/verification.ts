import { type Completeness, completeness } from "./completeness.ts";
import { gradients } from "./gradients/gradients.ts";
import { scalarOracle } from "./gradients/scalar-oracle.ts";
import { kernels } from "./kernels/kernels.ts";
import { planted } from "./mutants/mutants.ts";
import { randomBackward, rules } from "./parity/backward-rules.ts";
import { differences } from "./parity/differences.ts";
import { backward } from "./parity/gradients-cases.ts";
import { models } from "./parity/models.ts";
import { operations } from "./parity/operation.ts";
import { randomModelSection } from "./parity/random.ts";
import { scalars } from "./parity/scalar-cases.ts";
import { training } from "./parity/training-cases.ts";
import { references } from "./references/references.ts";
import { once, type Part, run, type Section, type Settings } from "./section.ts";

/** Every section, in the order in which they run; each is stated beside what it measures. */
export const sections = {
  gradients,
  references,
  programs: scalarOracle,
  kernels,
  planted,
  operations,
  models,
  backward,
  training,
  differences,
  randomModels: randomModelSection,
  rules,
  randomBackward,
  scalars,
};

type Sections = typeof sections;
type RowOf<S> = S extends Section<infer Row, infer _> ? Row : never;

/**
 * Results of all sections. null means that a section was not asked for, an empty list that the filter left nothing
 * of it: neither counts as passed.
 */
export type Results = { readonly completeness: Completeness } & {
  readonly [K in keyof Sections]: readonly RowOf<Sections[K]>[] | null;
};

/** A section and what it found, whatever its rows are. */
export interface Found {
  readonly key: keyof Sections;
  readonly section: Section<unknown>;
  readonly rows: readonly unknown[] | null;
}

/** Results, section by section. No section is ever given rows of another: types need not know more. */
export const foundIn = (results: Results): Found[] =>
  Object.entries(sections).map(([name, section]) => {
    const key = name as keyof Sections;
    return { key, section: section as unknown as Section<unknown>, rows: results[key] };
  });

/** Runs the chosen parts, in order. */
export async function verify(
  parts: readonly Part[],
  settings: Settings,
  seen: (section: Section<unknown>, row: unknown) => void = () => {},
): Promise<Results> {
  const results: Record<string, unknown> = { completeness: completeness() };
  for (const [key, one] of Object.entries(sections)) {
    const section = one as unknown as Section<unknown>;
    const isAsked = parts.includes(section.part) && !(section.items === once && settings.filter);
    results[key] = isAsked ? await run(section, settings, (row) => seen(section, row)) : null;
  }
  return results as Results;
}
