import { type CheckResult, checkCase } from "./gradients/gradients.ts";
import { checkAgainstScalars, type OracleResult } from "./gradients/scalar-oracle.ts";
import { checkKernels, type KernelResult } from "./kernels/kernels.ts";
import { checkMutant, type MutantResult, mutants } from "./mutants/mutants.ts";
import type { DifferenceParity } from "./parity/differences.ts";
import type { GradientParity } from "./parity/gradients.ts";
import { gradientCases } from "./parity/gradients-cases.ts";
import { models } from "./parity/models.ts";
import type { OperationParity } from "./parity/operation.ts";
import type { OperationGradientParity } from "./parity/operation-gradients.ts";
import type { ParityReport } from "./parity/parity.ts";
import type { RandomModelParity } from "./parity/random.ts";
import type { RandomGradientParity } from "./parity/random-gradients.ts";
import { type ScalarResult, scalarCases } from "./parity/scalar-cases.ts";
import { scalarsOf } from "./parity/scalar-section.ts";
import {
  backwardOf,
  differencesOf,
  modelsOf,
  operationsOf,
  randomBackwardOf,
  randomModelsOf,
  rulesOf,
  trainingOf,
} from "./parity/sections.ts";
import type { TrainingParity } from "./parity/training.ts";
import { trainingCases } from "./parity/training-cases.ts";
import { checkReference, type ReferenceResult } from "./references/references.ts";
import type { Listener, Settings } from "./settings.ts";
import type { Case } from "./table/case.ts";
import { cases, definitions } from "./table/cases.ts";
import { type Completeness, completeness } from "./table/completeness.ts";

/** What was found about one row of the table: how much was compared, how near it came, what is wrong with it. */
export interface RowResult extends CheckResult {
  readonly name: string;
  readonly order: Case["order"];
  readonly passed: boolean;
  /** Why it did not pass, in words. */
  readonly complaint: string | null;
  readonly seconds: number;
}

/**
 * Results of all sections. null means that a section was not asked for, an empty list that the filter left nothing
 * of it: neither counts as passed.
 */
export interface Results {
  readonly completeness: Completeness;
  readonly gradients: readonly RowResult[] | null;
  readonly programs: OracleResult | null;
  readonly references: readonly ReferenceResult[] | null;
  readonly kernels: readonly KernelResult[] | null;
  readonly planted: readonly MutantResult[] | null;
  readonly operations: readonly OperationParity[] | null;
  readonly models: readonly ParityReport[] | null;
  readonly backward: readonly GradientParity[] | null;
  readonly training: readonly TrainingParity[] | null;
  readonly differences: readonly DifferenceParity[] | null;
  readonly randomModels: RandomModelParity | null;
  readonly rules: readonly OperationGradientParity[] | null;
  readonly randomBackward: RandomGradientParity | null;
  readonly scalars: readonly ScalarResult[] | null;
}

/** A row that compared less than this share of its directions proves too little. */
const COMPARED = 0.9;

/**
 * Checks one row. A row whose examples mostly lie on kinks, or are too noisy, fails although nothing wrong was
 * seen: a check that compares nothing would pass for every gradient.
 */
export function checkRow(row: Case, { seed, runs, directions }: Settings): RowResult {
  const started = performance.now();
  const result = checkCase(row, { seed, runs, directions });
  const compared = 1 - (result.kinks + result.blunt) / Math.max(1, result.directions);
  const dull =
    compared < COMPARED
      ? `${row.name}: only ${Math.round(100 * compared)} % of ${result.directions} directions could be compared — its inputs lie on kinks or are too noisy`
      : null;
  const complaint = result.failure?.message ?? dull;
  const seconds = (performance.now() - started) / 1000;
  return { ...result, name: row.name, order: row.order, passed: complaint === null, complaint, seconds };
}

export type Section = "gradients" | "kernels" | "planted" | "parity";

/** Runs the chosen sections, in order. */
export async function verify(
  sections: readonly Section[],
  settings: Settings,
  listen: Listener = () => {},
): Promise<Results> {
  const chosen = <T extends { readonly name: string }>(list: readonly T[]) =>
    list.filter(({ name }) => name.toLowerCase().includes(settings.filter.toLowerCase()));
  const rows = chosen(cases);
  const has = (section: Section) => sections.includes(section);
  return {
    completeness: completeness(),
    gradients: has("gradients") ? gradientsOf(rows, settings, listen) : null,
    references: has("gradients") ? referencesOf(chosen(definitions), settings, listen) : null,
    // Random programs have no name that a filter could mean.
    programs: has("gradients") && settings.filter === "" ? programsOf(settings, listen) : null,
    kernels: has("kernels") ? kernelsOf(settings, listen) : null,
    planted: has("planted") ? await plantedOf(chosen(mutants), settings, listen) : null,
    operations: has("parity") ? await operationsOf(rows, settings, listen) : null,
    models: has("parity") ? await modelsOf(chosen(models), listen) : null,
    backward: has("parity") ? await backwardOf(chosen(gradientCases), settings, listen) : null,
    training: has("parity") ? await trainingOf(chosen(trainingCases), settings, listen) : null,
    differences: has("parity") ? await differencesOf(chosen(gradientCases), settings, listen) : null,
    randomModels: has("parity") && settings.filter === "" ? await randomModelsOf(settings, listen) : null,
    rules: has("parity") ? await rulesOf(rows, settings, listen) : null,
    randomBackward: has("parity") && settings.filter === "" ? await randomBackwardOf(settings, listen) : null,
    scalars: has("parity") ? await scalarsOf(chosen(scalarCases), settings, listen) : null,
  };
}

/** Differences in random directions to the second order, exact laws, and the adjoint identity for what is linear. */
function gradientsOf(rows: readonly Case[], settings: Settings, listen: Listener): RowResult[] {
  listen({
    kind: "section",
    title: "Gradients",
    columns: ["operation", "order", "examples", "directions", "kinks", "largest difference"],
  });
  return rows.map((row) => {
    const result = checkRow(row, settings);
    const { name, order, examples, directions, kinks, worst } = result;
    const cells = [
      name,
      String(order),
      String(examples),
      String(directions),
      String(kinks),
      order ? worst.toExponential(1) : "",
    ];
    listen({ kind: "line", cells, complaint: result.complaint });
    return result;
  });
}

/** What finite differences cannot see: whether the forward is the function that its name promises. */
function referencesOf(
  chosen: readonly { readonly name: string }[],
  { seed }: Settings,
  listen: Listener,
): ReferenceResult[] {
  listen({ kind: "section", title: "Definitions and conventions", columns: ["reference"] });
  return chosen.map(({ name }) => {
    const result = checkReference(name, seed);
    listen({ kind: "line", cells: [name], complaint: result.wrong });
    return result;
  });
}

/** The scalar engine as oracle. It shares no line with the tensor engine: loops over numbers, closures as rules. */
function programsOf({ seed, runs }: Settings, listen: Listener): OracleResult {
  listen({
    kind: "section",
    title: "Random programs against micrograd",
    columns: ["programs", "largest difference (units of rounding)"],
  });
  const result = checkAgainstScalars({ seed, runs });
  listen({
    kind: "line",
    cells: [String(result.programs), result.worst.toFixed(1)],
    complaint: result.failure?.message ?? null,
  });
  return result;
}

/**
 * float32 in SIMD against the reference loops, within bounds in ULP that state their reasons. Same calls for all
 * seeds of operands: lengths around the width of a vector, odd offsets, NaN, infinities, subnormals.
 */
function kernelsOf({ seed, filter }: Settings, listen: Listener): KernelResult[] {
  listen({
    kind: "section",
    title: "Kernels: SIMD against the plain loops",
    columns: ["kernel", "calls", "numbers", "ULP", "allowed"],
  });
  return checkKernels({ seed, filter }, ({ name, calls, elements, worst, allowed, complaint }) => {
    const cells = [
      name,
      String(calls),
      String(elements),
      worst ? worst.toPrecision(3) : "0",
      String(allowed),
    ];
    listen({ kind: "line", cells, complaint });
  });
}

/** Plants each fault, lets the check that is named for it look, and takes the fault out again, on several seeds. */
async function plantedOf(
  chosen: typeof mutants,
  { seed, seeds }: Settings,
  listen: Listener,
): Promise<MutantResult[]> {
  listen({ kind: "section", title: "Planted faults", columns: ["fault", "caught", "by law"] });
  const results: MutantResult[] = [];
  for (const mutant of chosen) {
    const result = await checkMutant(mutant, { seed, seeds });
    results.push(result);
    const missed = result.caught < result.seeds;
    const cells = [result.name, `${result.caught}/${result.seeds}`, result.laws.join(", ")];
    listen({
      kind: "line",
      cells,
      complaint: missed ? `not caught on ${result.seeds - result.caught} of ${result.seeds} seeds` : null,
    });
  }
  return results;
}
