import type { KernelResult } from "../kernels/kernels.ts";
import { type MutantResult, mutants } from "../mutants/mutants.ts";
import type { OperationParity } from "../parity/operation.ts";
import type { OperationGradientParity } from "../parity/operation-gradients.ts";
import { arithmetics, elementwise } from "../table/01-elementwise.ts";
import { copies, indexing } from "../table/01-indexing.ts";
import { moreOperations } from "../table/01-more.ts";
import { reductions } from "../table/01-reductions.ts";
import { views } from "../table/01-views.ts";
import { activationRows } from "../table/02-activations.ts";
import { layerRows, lossRows, products } from "../table/03-layers.ts";
import { moreLosses } from "../table/04-losses.ts";
import { transformerRows } from "../table/13-transformers.ts";
import type { Case } from "../table/case.ts";
import type { Results, RowResult } from "../verification.ts";

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

/**
 * Headings of the first page, in the order in which the library is read. A test sees to it that every row is in
 * one.
 */
const FAMILIES: readonly (readonly [title: string, rows: readonly Case[]])[] = [
  ["Arithmetic and comparisons", arithmetics],
  ["Element by element", [...elementwise, ...activationRows]],
  ["Reductions", reductions],
  ["Views", views],
  ["Order, running sums, padding", copies],
  ["By index", indexing],
  ["Products", products],
  ["Layers", [...layerRows, ...transformerRows]],
  ["Losses", [...lossRows, ...moreLosses]],
  ["Composed, and further shapes", moreOperations],
];

/** What ran, by operation instead of by check. */
export function familiesOf(results: Results): Family[] {
  return FAMILIES.map(([title, rows]) => ({
    title,
    evidence: rows.map((row) => evidenceOf(row, results)).filter(hasRun),
  })).filter(({ evidence }) => evidence.length > 0);
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
