import type { Results } from "../verification.ts";

/** How many of how many: what is said of every section, whatever it checks. */
interface Score {
  readonly passed: number;
  readonly total: number;
}

/** What ran in ONNX Runtime: single operations and whole models; their gradients; trainings; its own differences. */
type ParityKey =
  | "operations"
  | "operationGradients"
  | "models"
  | "randomModels"
  | "gradients"
  | "randomGradients"
  | "trainingSteps"
  | "differences"
  | "scalars";

/** The last line of `--json`: null where nothing was run. */
export interface SummaryJson {
  readonly operations: number;
  readonly withCase: number;
  readonly firstOrder: Score | null;
  readonly secondOrder: Score | null;
  /** Operations through which nothing flows back. */
  readonly withoutGradient: Score | null;
  readonly references: Score | null;
  readonly programs: Score | null;
  readonly kernels: Score | null;
  readonly planted: { readonly caught: number; readonly total: number } | null;
  readonly parity: Readonly<Record<ParityKey, Score | null>>;
}

/**
 * The end of a run in two forms. The lines count, the misses explain: the first tell that it was enough, the
 * second what to do.
 */
export interface Summary {
  readonly json: SummaryJson;
  /** One line per section, for people. */
  readonly lines: readonly string[];
  /** Everything that did not pass, in words; empty means success. */
  readonly misses: readonly string[];
}

export function summaryOf(results: Results, filter = ""): Summary {
  const json = jsonOf(results);
  // Who looks at a part of the table only does not ask whether the table is complete.
  const gaps = filter ? [] : gapsOf(results);
  return { json, lines: linesOf(json), misses: [...gaps, ...missesOf(results), ...empty(results, filter)] };
}

/**
 * Counts per order. A row of order 2 whose second derivative is wrong still counts as passed to the first order:
 * the two numbers are meant to say different things.
 */
function jsonOf(results: Results): SummaryJson {
  const { completeness, gradients, references, programs, kernels, planted } = results;
  const ofOrder = (order: number) => gradients?.filter((row) => row.order === order);
  return {
    operations: completeness.all.length,
    withCase: completeness.all.length - completeness.withoutCase.length,
    firstOrder: score(
      gradients?.filter(({ order }) => order >= 1),
      ({ passed, failure }) => passed || isSecondOrder(failure?.finding.law),
    ),
    secondOrder: score(ofOrder(2), ({ passed }) => passed),
    withoutGradient: score(ofOrder(0), ({ passed }) => passed),
    references: score(references, ({ wrong }) => wrong === null),
    programs: programs && { passed: programs.failure ? 0 : programs.programs, total: programs.programs },
    kernels: score(kernels, ({ passed }) => passed),
    planted: planted && { caught: planted.filter((r) => r.caught === r.seeds).length, total: planted.length },
    parity: parityOf(results),
  };
}

/**
 * Rows that cannot be compared (no counterpart, no gradient) are left out of the totals: 110 of 110 means 110
 * comparisons.
 */
function parityOf(results: Results): SummaryJson["parity"] {
  const { operations, rules, models, randomModels, backward, randomBackward, training, differences } =
    results;
  const passed = (result: { readonly passed: boolean }) => result.passed;
  const compared = (result: { readonly skipped: string | null }) => result.skipped === null;
  // Random models are one experiment: a single disagreement spoils all of it.
  const whole = (report: { readonly models: number; readonly failure: object | null } | null) =>
    report && { passed: report.failure ? 0 : report.models, total: report.models };
  return {
    operations: score(operations?.filter(compared), passed),
    operationGradients: score(rules?.filter(compared), passed),
    models: score(models, passed),
    randomModels: whole(randomModels),
    gradients: score(backward, passed),
    randomGradients: whole(randomBackward),
    trainingSteps: score(training, passed),
    differences: score(differences, passed),
    scalars: score(results.scalars, passed),
  };
}

const score = <T>(list: readonly T[] | null | undefined, passed: (item: T) => boolean): Score | null =>
  list ? { passed: list.filter(passed).length, total: list.length } : null;

/** A row that breaks one of these has the right gradient, but the wrong gradient of it. */
const isSecondOrder = (law: string | undefined) => law === "second differences" || law === "Hessian symmetry";

/** The same for people, sections that did not run left out. */
function linesOf(json: SummaryJson): string[] {
  const of = (what: string, score: Score | null) =>
    score && score.total > 0 ? [`${what}: ${score.passed} of ${score.total}`] : [];
  return [
    `table: ${json.withCase} of ${json.operations} operations, layers and losses have a row`,
    ...of("first derivatives", json.firstOrder),
    ...of("second derivatives", json.secondOrder),
    ...of("operations without gradient", json.withoutGradient),
    ...of("definitions and conventions", json.references),
    ...of("random programs", json.programs),
    ...of("kernels", json.kernels),
    ...of(
      "planted faults caught",
      json.planted && { passed: json.planted.caught, total: json.planted.total },
    ),
    ...of("operations in ONNX Runtime", json.parity.operations),
    ...of("models in ONNX Runtime", json.parity.models),
    ...of("exported backward passes in ONNX Runtime", json.parity.gradients),
    ...of("trainings in both engines", json.parity.trainingSteps),
    ...of("gradients against differences of ONNX Runtime's forward", json.parity.differences),
    ...of("random models in ONNX Runtime", json.parity.randomModels),
    ...of("backward rules in ONNX Runtime", json.parity.operationGradients),
    ...of("backward passes of random models in ONNX Runtime", json.parity.randomGradients),
    ...of("scalar graphs in ONNX Runtime", json.parity.scalars),
  ];
}

/** A filter that lets nothing through must not look like success. */
function empty({ completeness: _, ...results }: Results, filter: string): string[] {
  const ran = Object.values(results).some((list) => (Array.isArray(list) ? list.length > 0 : list !== null));
  return ran ? [] : [`nothing has ${JSON.stringify(filter)} in its name`];
}

/** What the table itself lacks. These are misses, too: an operation without a row would pass every check. */
function gapsOf(results: Results): string[] {
  const { withoutCase, emptyClaims, unexplained, staleReasons } = results.completeness;
  return [
    ...withoutCase.map((name) => `${name} has no row in the table`),
    ...emptyClaims.map((claim) => `${claim} is claimed but never run`),
    ...unexplained.map((name) => `${name} has no ONNX translation and no stated reason`),
    ...staleReasons.map((name) => `the reason why ${name} has no ONNX translation is out of date`),
  ];
}

/** One line for each miss, the first line of its explanation; the rest stands in the report. */
function missesOf(results: Results): string[] {
  const first = (text: string) => text.split("\n")[0];
  return [
    ...(results.gradients ?? []).flatMap(({ complaint }) => (complaint === null ? [] : [first(complaint)])),
    ...(results.references ?? []).flatMap(({ name, wrong }) => (wrong === null ? [] : [`${name}: ${wrong}`])),
    ...(results.programs?.failure ? [results.programs.failure.message] : []),
    ...(results.kernels ?? []).flatMap(({ name, complaint }) =>
      complaint === null ? [] : [`kernel ${name}: ${complaint}`],
    ),
    ...(results.planted ?? []).flatMap(({ name, caught, seeds }) =>
      caught === seeds ? [] : [`planted fault "${name}" caught on ${caught} of ${seeds} seeds only`],
    ),
    ...(results.operations ?? []).flatMap(({ name, failure }) =>
      failure ? [`parity of ${name}: ${failure.message}`] : [],
    ),
    ...(results.models ?? []).flatMap(({ name, passed, maxAbs }) =>
      passed ? [] : [`parity of ${name}: off by ${maxAbs}`],
    ),
    ...(results.backward ?? []).flatMap(({ name, passed, relative }) =>
      passed ? [] : [`exported gradients of ${name}: off by ${relative}`],
    ),
    ...(results.training ?? []).flatMap(({ name, passed, maxAbs }) =>
      passed ? [] : [`training of ${name}: weights off by ${maxAbs}`],
    ),
    ...(results.differences ?? []).flatMap(({ name, failure }) =>
      failure === null ? [] : [`differences of ONNX Runtime's ${name}: ${failure}`],
    ),
    ...(results.randomModels?.failure ? [`random model: ${results.randomModels.failure.message}`] : []),
    ...(results.rules ?? []).flatMap(({ name, failure }) =>
      failure ? [`backward rule of ${name}: ${failure.message}`] : [],
    ),
    ...(results.randomBackward?.failure
      ? [`backward of a random model: ${results.randomBackward.failure.message}`]
      : []),
    ...(results.scalars ?? []).flatMap(({ name, failure }) =>
      failure === null ? [] : [`${name}: ${failure}`],
    ),
  ];
}
