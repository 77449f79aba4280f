import {
  mlpPoints,
  parametersOf,
  type ScalarParity,
  type ScalarTrainingParity,
  scalarParity,
  scalarTrainingParity,
} from "gradverify";
import { MLP } from "micrograd";
import { count, type Section, type SummaryRow } from "tensorgrad/plots";
import { evaluate } from "../../xor.ts";

/** The scalar engine against ONNX Runtime: the trained network at many points, and a training from its start. */
export interface XorParity {
  points: ScalarParity;
  training: ScalarTrainingParity;
}

/** The four corners are among these points: 41 columns and 25 rows over [−½, 3/2]². */
const grid = Array.from({ length: 1025 }, (_, i) => [(i % 41) / 20 - 0.5, Math.floor(i / 41) / 12 - 0.5]);

export async function xorParity(model: MLP, seed: number): Promise<XorParity> {
  const fresh = new MLP(2, [8, 1], { seed });
  return {
    points: await scalarParity(mlpPoints(model, grid)),
    training: await scalarTrainingParity(parametersOf(fresh), () => evaluate(fresh).loss, { steps: 10 }),
  };
}

export function xorParityRow({ points, training }: XorParity, seconds: number): SummaryRow {
  return {
    job: "XOR in ONNX Runtime",
    result:
      `values and gradients at ${count(points.points)} points within ${points.relative.toExponential(1)}, ` +
      `weights after ${training.steps} steps within ${training.maxAbs.toExponential(1)}`,
    target: `within ${points.tolerance.toExponential(0)} and ${training.tolerance.toExponential(0)}`,
    seconds,
    passed: points.passed && training.passed,
  };
}

export function xorParitySection({ points, training }: XorParity): Section {
  return {
    title: "The scalar engine in ONNX Runtime",
    text:
      `The network as an ONNX model of ${count(points.nodes)} nodes in float64, one for each number that it computes: forward, and ` +
      "the backward pass written from the formulas. ONNX Runtime differentiates nothing; it runs these nodes, and what it finds is " +
      "compared with data and grad of every Value. In the last line it also trains: a step is one graph, parameters in and parameters " +
      "out, fed with its own results.",
    table: {
      head: ["", "numbers compared", "max |Δ|", "allowed"],
      rows: [
        [
          `every value and gradient at ${count(points.points)} points, relative to the largest`,
          points.values + points.gradients,
          points.relative,
          points.tolerance,
        ],
        [
          `weights after ${training.steps} steps from a new start`,
          training.parameters,
          training.maxAbs,
          training.tolerance,
        ],
      ],
    },
  };
}
