import type { Results } from "./verification.ts";

interface Score {
  readonly passed: number;
  readonly total: number;
}

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
  readonly parity: Readonly<
    Record<
      "operations" | "models" | "gradients" | "trainingSteps" | "differences" | "randomModels",
      Score | null
    >
  >;
}

export interface Summary {
  readonly json: SummaryJson;
  /** One line per section, for people. */
  readonly lines: readonly string[];
  /** Everything that did not pass, in words; empty means success. */
  readonly misses: readonly string[];
}

export function summaryOf(results: Results, filter = ""): Summary {
  const {
    completeness: table,
    gradients,
    references,
    programs,
    kernels,
    planted,
    operations,
    models,
  } = results;
  const { backward, training, differences, randomModels } = results;
  const score = <T>(list: readonly T[] | null | undefined, passed: (item: T) => boolean): Score | null =>
    list ? { passed: list.filter(passed).length, total: list.length } : null;
  const second = (law: string | undefined) => law === "second differences" || law === "Hessian symmetry";
  const compared = operations?.filter(({ skipped }) => skipped === null) ?? null;
  const json: SummaryJson = {
    operations: table.all.length,
    withCase: table.all.length - table.withoutCase.length,
    firstOrder: score(
      gradients?.filter(({ order }) => order >= 1),
      (r) => r.passed || second(r.failure?.finding.law),
    ),
    secondOrder: score(
      gradients?.filter(({ order }) => order === 2),
      (r) => r.passed,
    ),
    withoutGradient: score(
      gradients?.filter(({ order }) => order === 0),
      (r) => r.passed,
    ),
    references: score(references, (r) => r.wrong === null),
    programs: programs && { passed: programs.failure ? 0 : programs.programs, total: programs.programs },
    kernels: score(kernels, (r) => r.passed),
    planted: planted && { caught: planted.filter((r) => r.caught === r.seeds).length, total: planted.length },
    parity: {
      operations: score(compared, (r) => r.passed),
      models: score(models, (r) => r.passed),
      gradients: score(backward, (r) => r.passed),
      trainingSteps: score(training, (r) => r.passed),
      differences: score(differences, (r) => r.passed),
      randomModels: randomModels && {
        passed: randomModels.failure ? 0 : randomModels.models,
        total: randomModels.models,
      },
    },
  };
  return {
    json,
    lines: linesOf(json),
    misses: [...(filter ? [] : gapsOf(results)), ...missesOf(results), ...empty(results, filter)],
  };
}

function linesOf(json: SummaryJson): string[] {
  const of = (what: string, score: Score | null) =>
    score ? [`${what}: ${score.passed} of ${score.total}`] : [];
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
  ];
}

/** A filter that lets nothing through must not look like success. */
function empty({ completeness: _, ...results }: Results, filter: string): string[] {
  const ran = Object.values(results).some((list) => (Array.isArray(list) ? list.length > 0 : list !== null));
  return ran ? [] : [`nothing has ${JSON.stringify(filter)} in its name`];
}

function gapsOf(results: Results): string[] {
  const { withoutCase, emptyClaims, unexplained, staleReasons } = results.completeness;
  return [
    ...withoutCase.map((name) => `${name} has no row in the table`),
    ...emptyClaims.map((claim) => `${claim} is claimed but never run`),
    ...unexplained.map((name) => `${name} has no ONNX translation and no stated reason`),
    ...staleReasons.map((name) => `the reason why ${name} has no ONNX translation is out of date`),
  ];
}

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
  ];
}
