import { topologicalSort, type Value } from "micrograd";
import { checked } from "tensorgrad/runtime";
import { agreement, type Outcome } from "./agreement.ts";
import { OnnxSession } from "./onnx-runtime.ts";
import { borrow, listOf, numberAsInput, shapeOf } from "./scalar.ts";
import { scalarModel } from "./scalar-export.ts";

export interface ScalarTrainingOptions {
  readonly steps?: number;
  readonly lr?: number;
  /** Largest difference of a parameter after the last step. */
  readonly tolerance?: number;
  readonly name?: string;
}

/** The same training twice, from the same start. */
export interface ScalarTrainingParity extends Outcome {
  readonly tolerance: number;
  readonly steps: number;
  readonly parameters: number;
  readonly nodes: number;
  /** Largest difference of a parameter after the last step. */
  readonly maxAbs: number;
  /** How far the training moved a parameter at most: weights that stay agree always. */
  readonly moved: number;
}

/**
 * Trains by gradient descent here and in ONNX Runtime, which runs the whole step as one graph, parameters in and
 * parameters out, and is fed its own results. The parameters are put back afterwards.
 *
 * Errors    RangeError for steps that are no positive integer; TypeError if the loss is another graph at a later step
 */
export async function scalarTrainingParity(
  parameters: Readonly<Record<string, Value>>,
  loss: () => Value,
  options: ScalarTrainingOptions = {},
): Promise<ScalarTrainingParity> {
  const {
    steps = 10,
    lr = 1,
    tolerance = 1e-10,
    name = "training",
  } = checked("scalarTrainingParity", options, ["steps", "lr", "tolerance", "name"]);
  if (!Number.isInteger(steps) || steps < 1) {
    throw new RangeError(`scalarTrainingParity: ${steps} steps — the number of steps is a positive integer`);
  }
  const { bytes, nodes, order } = scalarModel(loss(), { inputs: parameters, lr });
  await using session = await OnnxSession.open(bytes);
  using _start = borrow(Object.values(parameters));
  const shape = shapeOf(order, parameters);
  const names = Object.keys(parameters);
  const numbers = () => Object.values(parameters).map(({ data }) => data);
  const start = numbers();
  let theirs = start;
  for (let step = 0; step < steps; step++) {
    ourStep(parameters, loss, lr, shape);
    const feeds = names.map((key, i) => [key, numberAsInput(theirs[i])] as const);
    const fetched = await session.fetch(Object.fromEntries(feeds));
    theirs = names.map((key) => Number(fetched[`next.${key}`].data[0]));
  }
  const [maxAbs, moved] = [theirs, start].map((other) => agreement(listOf(numbers()), listOf(other)).maxAbs);
  const counts = { steps, parameters: names.length, nodes };
  return { name, passed: maxAbs <= tolerance, tolerance, ...counts, maxAbs, moved };
}

/** Zero, loss, backward, step. */
function ourStep(
  parameters: Readonly<Record<string, Value>>,
  loss: () => Value,
  lr: number,
  shape: string,
): void {
  const all = Object.values(parameters);
  for (const p of all) p.grad = 0;
  const value = loss();
  value.backward();
  for (const p of all) p.data -= lr * p.grad;
  if (shapeOf(topologicalSort(value), parameters) === shape) return;
  throw new TypeError(
    "scalarTrainingParity: the loss is another graph than at the first step — one exported step stands for all; " +
      "build the same operations and constants every time",
  );
}
