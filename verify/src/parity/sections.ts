import type { Listener, Settings } from "../settings.ts";
import type { Case } from "../table/case.ts";
import { checkDifferenceCase, type DifferenceParity } from "./differences.ts";
import type { GradientParity } from "./gradients.ts";
import { checkGradientCase, type gradientCases } from "./gradients-cases.ts";
import type { models } from "./models.ts";
import { type OperationParity, operationParity } from "./operation.ts";
import { type OperationGradientParity, operationGradientParity } from "./operation-gradients.ts";
import { type ParityReport, parity } from "./parity.ts";
import { type RandomModelParity, randomModelParity } from "./random.ts";
import { type RandomGradientParity, randomGradientParity } from "./random-gradients.ts";
import type { TrainingParity } from "./training.ts";
import { checkTrainingCase, type trainingCases } from "./training-cases.ts";

/** The sections that need ONNX Runtime: operations, models, backward passes, whole trainings. */

/**
 * Level 1: every row of the table as a model of one operation, in float32. What has no ONNX counterpart, or one
 * that ONNX Runtime cannot run, is listed with the reason instead of being left out.
 */
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
    // A difference is told in ULP of the largest element: relative differences say little where results cancel
    // to 0.
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

/**
 * Level 2: whole models at three batch sizes. Where one differs, the complaint names the first node whose result
 * differs although its inputs agree: later nodes only inherit.
 */
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
    // For classifiers: on how many rows both engines would decide alike, which is what a user sees.
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

/**
 * Level 4, first half: forward, loss and backward as one graph of ordinary nodes. ONNX Runtime differentiates
 * nothing: it runs the derivative that our rules wrote down, while our own side takes the fused kernels.
 */
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

/**
 * Level 4, second half: the optimizer's step is part of the graph as well. Each engine feeds on its own results,
 * so errors add up over the steps as they would in use; a constant error per step would show as a drift.
 */
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

/**
 * Level 5: derivatives without any rule of ours. Only the exported forward is trusted to be the function in
 * question; directions that meet a kink are counted, not compared.
 */
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

/**
 * Level 3: programs that nobody thought of. Ten times as many runs as elsewhere, for each is small; on a failure
 * the model is shrunk to the fewest operations that still disagree.
 */
export async function randomModelsOf(
  { seed, parityRuns }: Settings,
  listen: Listener,
): Promise<RandomModelParity> {
  listen({
    kind: "section",
    title: "Random models in ONNX Runtime",
    columns: ["models", "results", "operations", "share", "max ULP"],
  });
  // The share is that of what may be: 1 would be the limit that follows from both engines' own errors.
  const report = await randomModelParity({ seed, runs: 10 * parityRuns });
  const { models, results, operations, worst, maxUlp, failure } = report;
  const cells = [models, results, operations.length].map(String);
  const complaint = failure ? `${failure.message}; ${failure.program}` : null;
  listen({ kind: "line", cells: [...cells, worst.toFixed(2), maxUlp.toPrecision(2)], complaint });
  return report;
}

/**
 * Beside level 4: the backward rule of each single row, as a graph in float64. Half of the runs: both orders of
 * ONNX models are built per example, which takes longer than running them.
 */
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
    // Steps and comparisons have no rule to compare; they say so in place of a number.
    const cells = skipped ? [name, "0", skipped] : [name, String(runs), relative.toExponential(1)];
    listen({ kind: "line", cells, complaint: failure ? `${failure.message}; ${failure.example}` : null });
  }
  return results;
}

/**
 * The backward passes of random models of smooth operations: fan-out, broadcasting and views meet in ways that
 * single rows do not reach. In float64, so that an error of a rule cannot hide in rounding.
 */
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
