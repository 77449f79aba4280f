import { measure, type Table, text, verdict } from "../report/cells.ts";
import type { Listener, Settings } from "../settings.ts";
import { checkScalarCase, type ScalarResult, type scalarCases } from "./scalar-cases.ts";

/**
 * The scalar engine in the same judge: its graphs as ONNX models, whose backward pass is written from the formulas.
 * ONNX Runtime differentiates nothing, and micrograd's closures had no part in what it runs.
 */
export async function scalarsOf(
  chosen: typeof scalarCases,
  { seed, parityRuns }: Settings,
  listen: Listener,
): Promise<ScalarResult[]> {
  listen({
    kind: "section",
    title: "Scalar graphs in ONNX Runtime, float64",
    columns: ["graph", "nodes", "values", "gradients", "largest", "allowed"],
  });
  const results: ScalarResult[] = [];
  for (const row of chosen) {
    const result = await checkScalarCase(row, { seed, runs: 10 * parityRuns });
    results.push(result);
    const { name, nodes, values, gradients, largest, tolerance, failure } = result;
    const numbers = [nodes, values, gradients].map(String);
    const cells = [name, ...numbers, largest.toExponential(1), tolerance.toExponential(0)];
    listen({ kind: "line", cells, complaint: failure });
  }
  return results;
}

export const scalars = (results: readonly ScalarResult[] | null): Table => ({
  title: "Scalar graphs in ONNX Runtime",
  about:
    "Graphs of micrograd as ONNX models, forward and backward pass, in float64: every value and every gradient. " +
    "The difference is relative to the largest number of a graph; for a training it is that of a parameter after the last step.",
  columns: [
    "graph",
    "",
    "what",
    "nodes",
    "values",
    "gradients",
    "largest difference",
    "allowed",
    "what is wrong",
  ],
  rows: (results ?? []).map((r) => [
    text(r.name),
    verdict(r.passed),
    text(r.about),
    text(r.nodes),
    text(r.values),
    text(r.gradients),
    measure(r.largest, r.tolerance),
    measure(r.tolerance),
    text(r.failure ?? ""),
  ]),
});
