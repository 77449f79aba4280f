import { MLP } from "micrograd";
import { checked } from "tensorgrad/runtime";
import { measure, text } from "../report/cells.ts";
import type { Named, Section } from "../section.ts";
import { corners, readmeExpression, trainedXor, xorGrid, xorLoss } from "../table/scalar-programs.ts";
import type { Outcome } from "./agreement.ts";
import { mlpPoints, parametersOf, type ScalarParity, scalarParity } from "./scalar.ts";
import { randomScalarParity } from "./scalar-random.ts";
import { type ScalarTrainingParity, scalarTrainingParity } from "./scalar-training.ts";

/** What `verify parity` compares of the scalar engine. */
export interface ScalarCase extends Named {
  readonly make: (options: ScalarCaseOptions) => Promise<ScalarParity | ScalarTrainingParity>;
}

interface ScalarCaseOptions {
  readonly seed: number;
  /** Random programs. */
  readonly runs: number;
}

/** A line of the report, whether graphs were compared or a training. */
export interface ScalarResult extends Outcome {
  readonly tolerance: number;
  /** What was done: "1,000 graphs", "10 steps of 33 parameters". */
  readonly about: string;
  readonly nodes: number;
  readonly values: number;
  readonly gradients: number;
  /** Largest difference, in the units of the tolerance. */
  readonly largest: number;
  readonly failure: string | null;
}

/** Compares a scalar graph, its values and gradients, with ONNX Runtime. */
export async function checkScalarCase(
  { name, make }: ScalarCase,
  options: ScalarCaseOptions,
): Promise<ScalarResult> {
  const report = await make(checked("checkScalarCase", options, ["seed", "runs"]));
  const { passed, tolerance, nodes } = report;
  const common = { name, passed, tolerance, nodes };
  if ("steps" in report) {
    const { steps, parameters, maxAbs } = report;
    const about = `${steps} steps of ${parameters} parameters`;
    const failure = passed ? null : `parameters differ by ${maxAbs} after ${steps} steps`;
    return { ...common, about, values: parameters, gradients: 0, largest: maxAbs, failure };
  }
  const { points, kinks, values, gradients, relative, failure } = report;
  const about = `${points.toLocaleString("en")} graph${points === 1 ? "" : "s"}${kinks ? `, ${kinks} more on a kink` : ""}`;
  return { ...common, about, values, gradients, largest: relative, failure };
}

/** The network's output and all its gradients at each point. */
const xorParity = (seed: number, points: readonly (readonly number[])[]) =>
  scalarParity(mlpPoints(trainedXor(seed), points));

/** The scalar graphs that are compared with ONNX Runtime. */
export const scalarCases: readonly ScalarCase[] = [
  {
    name: "micrograd: random programs",
    make: ({ seed, runs }) => randomScalarParity({ seed, runs }),
  },
  {
    name: "micrograd: the README's expression",
    make: () => scalarParity([readmeExpression()]),
  },
  {
    name: "micrograd: XOR 2-8-1, four points",
    make: ({ seed }) =>
      xorParity(
        seed,
        corners.map((corner) => corner.slice(0, 2)),
      ),
  },
  {
    name: "micrograd: XOR 2-8-1, grid of 1,000 points",
    make: ({ seed }) => xorParity(seed, xorGrid),
  },
  {
    name: "micrograd: XOR 2-8-1, ten training steps",
    make: ({ seed }) => {
      const model = new MLP(2, [8, 1], { seed });
      return scalarTrainingParity(parametersOf(model), () => xorLoss(model), { steps: 10 });
    },
  },
];

/**
 * The scalar engine in the same judge: its graphs as ONNX models, whose backward pass is that of the tensor engine.
 * ONNX Runtime differentiates nothing, and micrograd's closures had no part in what it runs.
 */
export const scalars: Section<ScalarResult, ScalarCase> = {
  part: "parity",
  title: "Scalar graphs in ONNX Runtime",
  about:
    "Graphs of micrograd as ONNX models, forward and backward pass, in float64: every value and every gradient. " +
    "The difference is relative to the largest number of a graph; for a training it is that of a parameter after the last step.",
  items: () => scalarCases,
  check: (row, { seed, parityRuns }) => checkScalarCase(row, { seed, runs: 10 * parityRuns }),
  columns: {
    graph: (r) => text(r.name),
    what: (r) => text(r.about),
    nodes: (r) => text(r.nodes),
    values: (r) => text(r.values),
    gradients: (r) => text(r.gradients),
    "largest difference": (r) => measure(r.largest, r.tolerance),
    allowed: (r) => measure(r.tolerance),
  },
  brief: ["graph", "nodes", "values", "gradients", "largest difference", "allowed"],
  wrong: ({ name, failure }) => failure && `${name}: ${failure}`,
  counts: [{ key: "scalars", label: "scalar graphs in ONNX Runtime" }],
};
