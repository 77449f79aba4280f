import type { Case } from "./case.ts";
import type { models } from "./models.ts";
import { type ParityReport, parity } from "./parity.ts";
import { checkDifferenceCase, type DifferenceParity } from "./parity-differences.ts";
import type { GradientParity } from "./parity-gradients.ts";
import { checkGradientCase, type gradientCases } from "./parity-gradients-cases.ts";
import { type OperationParity, operationParity } from "./parity-operation.ts";
import { type OperationGradientParity, operationGradientParity } from "./parity-operation-gradients.ts";
import { type RandomModelParity, randomModelParity } from "./parity-random.ts";
import { type RandomGradientParity, randomGradientParity } from "./parity-random-gradients.ts";
import type { TrainingParity } from "./parity-training.ts";
import { checkTrainingCase, type trainingCases } from "./parity-training-cases.ts";
import type { Listener, Settings } from "./settings.ts";

/** The sections that need ONNX Runtime: operations, models, backward passes, whole trainings. */

export async function operationsOf(
  rows: readonly Case[],
  settings: Settings,
  listen: Listener,
): Promise<OperationParity[]> {
  listen({
    kind: "section",
    title: "Operations in ONNX Runtime",
    columns: ["operation", "examples", "largest difference", "allowed", "ONNX"],
  });
  const results: OperationParity[] = [];
  for (const row of rows) {
    const result = await operationParity(row, { seed: settings.seed, runs: settings.parityRuns });
    results.push(result);
    const { name, runs, ulps, allowedUlps, operators, skipped, failure } = result;
    const cells = skipped
      ? [name, "0", "", "", `not compared: ${skipped}`]
      : [
          name,
          String(runs),
          `${ulps ? ulps.toPrecision(2) : 0} ULP`,
          `${allowedUlps} ULP`,
          operators.join(" "),
        ];
    listen({ kind: "line", cells, complaint: failure ? `${failure.message}; ${failure.example}` : null });
  }
  return results;
}

export async function modelsOf(chosen: typeof models, listen: Listener): Promise<ParityReport[]> {
  listen({
    kind: "section",
    title: "Models in ONNX Runtime",
    columns: ["model", "rows", "equal predictions", "largest difference", "allowed"],
  });
  const reports: ParityReport[] = [];
  for (const { name, make } of chosen) {
    const { model, inputs, tolerance } = await make();
    const report = { ...(await parity(model, inputs, { tolerance })), name };
    reports.push(report);
    const { equalPredictions: equal } = report;
    const cells = [
      name,
      String(inputs.shape[0]),
      equal ? `${equal.equal}/${equal.total}` : "",
      report.maxAbs.toExponential(1),
      tolerance.toExponential(0),
    ];
    const complaint = report.passed
      ? null
      : `first node that diverges: ${report.firstDivergence ?? "none by itself"}`;
    listen({ kind: "line", cells, complaint });
  }
  return reports;
}

export async function backwardOf(
  chosen: typeof gradientCases,
  { seed }: Settings,
  listen: Listener,
): Promise<GradientParity[]> {
  listen({
    kind: "section",
    title: "Exported backward passes in ONNX Runtime",
    columns: ["function", "nodes", "gradients", "largest", "allowed"],
  });
  const reports: GradientParity[] = [];
  for (const row of chosen) {
    const report = await checkGradientCase(row, { seed });
    reports.push(report);
    const { name, nodes, gradients, relative, tolerance, passed } = report;
    const numbers = [
      String(nodes),
      String(gradients.length),
      relative.toExponential(1),
      tolerance.toExponential(0),
    ];
    const complaint = passed ? null : `gradients differ by ${relative}, relative to their largest element`;
    listen({ kind: "line", cells: [name, ...numbers], complaint });
  }
  return reports;
}

export async function trainingOf(
  chosen: typeof trainingCases,
  { seed, steps }: Settings,
  listen: Listener,
): Promise<TrainingParity[]> {
  listen({
    kind: "section",
    title: "Training in both engines",
    columns: ["training", "steps", "largest", "allowed", "moved"],
  });
  const reports: TrainingParity[] = [];
  for (const row of chosen) {
    const report = await checkTrainingCase(row, { seed, steps });
    reports.push(report);
    const { name, maxAbs, tolerance, moved, passed } = report;
    const numbers = [
      String(report.steps),
      maxAbs.toExponential(1),
      tolerance.toExponential(0),
      moved.toFixed(2),
    ];
    listen({
      kind: "line",
      cells: [name, ...numbers],
      complaint: passed ? null : `weights differ by ${maxAbs}`,
    });
  }
  return reports;
}

export async function differencesOf(
  chosen: typeof gradientCases,
  { seed, directions }: Settings,
  listen: Listener,
): Promise<DifferenceParity[]> {
  listen({
    kind: "section",
    title: "Finite differences of ONNX Runtime's forward against our gradients",
    columns: ["function", "directions", "kinks", "runs", "largest"],
  });
  const reports: DifferenceParity[] = [];
  for (const row of chosen) {
    const report = await checkDifferenceCase(row, { seed, directions });
    reports.push(report);
    const { name, kinks, evaluations, relative, failure } = report;
    const numbers = [report.directions, kinks, evaluations].map(String);
    listen({ kind: "line", cells: [name, ...numbers, relative.toExponential(1)], complaint: failure });
  }
  return reports;
}

export async function randomModelsOf(
  { seed, parityRuns }: Settings,
  listen: Listener,
): Promise<RandomModelParity> {
  listen({
    kind: "section",
    title: "Random models in ONNX Runtime",
    columns: ["models", "results", "operations", "share", "max ULP"],
  });
  const report = await randomModelParity({ seed, runs: 10 * parityRuns });
  const { models, results, operations, worst, maxUlp, failure } = report;
  const cells = [models, results, operations.length].map(String);
  const complaint = failure ? `${failure.message}; ${failure.program}` : null;
  listen({ kind: "line", cells: [...cells, worst.toFixed(2), maxUlp.toPrecision(2)], complaint });
  return report;
}

export async function rulesOf(
  rows: readonly Case[],
  { seed, parityRuns }: Settings,
  listen: Listener,
): Promise<OperationGradientParity[]> {
  listen({
    kind: "section",
    title: "Backward rules of single operations in ONNX Runtime, float64",
    columns: ["operation", "examples", "largest"],
  });
  const results: OperationGradientParity[] = [];
  for (const row of rows) {
    const result = await operationGradientParity(row, { seed, runs: Math.ceil(parityRuns / 2) });
    results.push(result);
    const { name, runs, relative, skipped, failure } = result;
    const cells = skipped ? [name, "0", skipped] : [name, String(runs), relative.toExponential(1)];
    listen({ kind: "line", cells, complaint: failure ? `${failure.message}; ${failure.example}` : null });
  }
  return results;
}

export async function randomBackwardOf(
  { seed, parityRuns }: Settings,
  listen: Listener,
): Promise<RandomGradientParity> {
  listen({
    kind: "section",
    title: "Backward passes of random models in ONNX Runtime, float64",
    columns: ["models", "gradients", "nodes", "largest"],
  });
  const report = await randomGradientParity({ seed, runs: 5 * parityRuns });
  const { models, gradients, nodes, relative, failure } = report;
  const cells = [...[models, gradients, nodes].map(String), relative.toExponential(1)];
  listen({ kind: "line", cells, complaint: failure ? `${failure.message}; ${failure.program}` : null });
  return report;
}
