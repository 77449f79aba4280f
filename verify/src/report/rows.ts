import type { RowResult } from "../gradients/gradients.ts";
import type { KernelResult } from "../kernels/kernels.ts";
import { type MutantResult, mutants } from "../mutants/mutants.ts";
import type { OperationGradientParity } from "../parity/backward-rules.ts";
import type { OperationParity } from "../parity/operation.ts";
import type { Case } from "../table/case.ts";
import { isCase, tables } from "../table/cases.ts";
import type { Results } from "../verification.ts";

/** All that is known of one operation, layer or loss; null for what was not run. */
export interface Evidence {
  readonly row: Case;
  readonly gradients: RowResult | null;
  readonly parity: OperationParity | null;
  readonly rule: OperationGradientParity | null;
  readonly kernel: KernelResult | null;
  readonly faults: readonly MutantResult[];
  readonly passed: boolean;
}

export interface Family {
  readonly title: string;
  readonly evidence: readonly Evidence[];
}

/** What ran, by operation instead of by check. */
export function familiesOf(results: Results): Family[] {
  return tables
    .map(({ title = "", rows = [] }) => ({
      title,
      evidence: rows
        .filter(isCase)
        .map((row) => evidenceOf(row, results))
        .filter(hasRun),
    }))
    .filter(({ evidence }) => evidence.length > 0);
}

/**
 * Gathers what several sections found about one row, by its name; kernels bear the names of their operations. A
 * row has passed if nothing that ran about it failed; what did not run says nothing.
 */
function evidenceOf(row: Case, { gradients, operations, rules, kernels, planted }: Results): Evidence {
  const named = <T extends { readonly name: string }>(list: readonly T[] | null): T | null =>
    list?.find(({ name }) => name === row.name) ?? null;
  const found = {
    gradients: named(gradients),
    parity: named(operations),
    rule: named(rules),
    kernel: named(kernels),
    faults: (planted ?? []).filter(({ name }) => concerns(name, row.name)),
  };
  const { faults, ...checks } = found;
  const passed = Object.values(checks).every((check) => check === null || check.passed);
  return { ...found, row, passed: passed && faults.every(({ caught, seeds }) => caught === seeds) };
}

/** Kernels and faults alone do not make a row: both run for the whole library whatever the filter says. */
const hasRun = ({ gradients, parity, rule }: Evidence) => (gradients ?? parity ?? rule) !== null;

/** A fault concerns the row that has to catch it, and the operation that it is named after. */
function concerns(fault: string, row: string): boolean {
  const catchers = mutants.find(({ name }) => name === fault)?.caughtBy ?? [];
  const isCatcher = catchers.some(
    (catcher) => typeof catcher === "object" && "row" in catcher && catcher.row === row,
  );
  return isCatcher || fault.split(":")[0].toLowerCase() === row.toLowerCase();
}
