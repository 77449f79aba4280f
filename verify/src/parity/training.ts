import { scope, type Tensor } from "tensorgrad";
import type { Module } from "tensorgrad/nn";
import {
  type AnyOptimizer,
  type ArrayValue,
  decodeModel,
  exportOnnx,
  type Objective,
  trace,
  trainingState,
} from "tensorgrad/onnx";
import { type Agreement, agreement } from "./agreement.ts";
import { listOf, valueOf } from "./gradients.ts";
import { OnnxSession } from "./onnx-runtime.ts";
import { asTensor, borrow, copyOf, exportable } from "./replay.ts";
import { chunksOf } from "./run.ts";

export interface TrainingParityOptions {
  readonly loss: Objective;
  readonly targets?: Tensor | readonly Tensor[];
  /** Makes the optimizer: `(parameters) => new SGD(parameters, { lr: 0.1, momentum: 0.9 })`. */
  readonly optimizer: (parameters: readonly Tensor[]) => AnyOptimizer;
  readonly steps?: number;
  /** Rows per step, taken in turn; default all. */
  readonly batchSize?: number;
  /** Largest difference of a parameter after the last step. */
  readonly tolerance?: number;
  readonly opset?: number;
  readonly name?: string;
}

/** Two trainings that never saw each other's weights; the measures are of the parameters after the last step. */
export interface TrainingParity {
  readonly name: string;
  readonly passed: boolean;
  readonly tolerance: number;
  readonly steps: number;
  readonly maxAbs: number;
  readonly maxRel: number;
  readonly maxUlp: number;
  /** Largest difference of any parameter after each step. */
  readonly drift: readonly number[];
  /** Of each parameter and each tensor that the optimizer keeps, after the last step. */
  readonly tensors: readonly (Agreement & { readonly name: string })[];
  readonly losses: { readonly first: number; readonly ours: number; readonly theirs: number };
  /** How far the training moved a parameter at most: agreement says little about weights that stay. */
  readonly moved: number;
  /** Dropout masks that the graph takes as inputs, new ones at every step. */
  readonly masks: number;
  readonly nodes: number;
  readonly bytes: number;
}

/** Parameters, optimizer state and step count, outside the heap: what an engine is fed and gives back. */
type Values = Readonly<Record<string, ArrayValue>>;

/**
 * Trains a model twice from the same weights on the same batches: here, and in ONNX Runtime, which runs the exported
 * training step and is fed its own results. Layers keep their mode: what dropout draws here goes there as an input.
 * The model's weights are put back afterwards.
 */
export async function trainingStepParity(
  model: Module,
  inputs: Tensor | readonly Tensor[],
  options: TrainingParityOptions,
): Promise<TrainingParity> {
  const { loss, tolerance = 1e-5, steps = 10, opset = 21 } = options;
  const [given, targets] = [listOf(inputs), listOf(options.targets ?? [])];
  const { batchSize = given[0].shape[0] } = options;
  const batches = batchesOf([...given, ...targets], batchSize);
  using borrowed = borrow(model);
  const optimizer = options.optimizer(model.parameters());
  const bytes = stepAsModel(model, batches[0], { count: given.length, loss, optimizer, opset });
  await using session = await OnnxSession.open(bytes);

  const start = valuesOf(model, optimizer);
  // Frozen parameters are no inputs of the step, and cannot differ.
  const names = borrowed.names.filter((name) => name in start);
  const { ours, theirs, drift, losses, masks } = await lockstep(session, start, steps, {
    batch: (step) => batches[step % batches.length],
    ourStep: (batch) => ourStep(model, optimizer, batch, { count: given.length, loss }),
    values: () => valuesOf(model, optimizer),
    names,
  });
  return {
    name: options.name ?? model.constructor.name,
    passed: largestOf(compared(ours, theirs, names)) <= tolerance,
    tolerance,
    steps,
    ...worstOf(compared(ours, theirs, names)),
    drift,
    tensors: compared(ours, theirs, Object.keys(ours)),
    losses,
    moved: largestOf(compared(start, ours, names)),
    masks,
    nodes: decodeModel(bytes).graph?.node.length ?? 0,
    bytes: bytes.length,
  };
}

/** Of the parameters after the last step. */
const worstOf = (ends: readonly Agreement[]) => ({
  maxAbs: largestOf(ends),
  maxRel: Math.max(...ends.map(({ maxRel }) => maxRel)),
  maxUlp: Math.max(...ends.map(({ maxUlp }) => maxUlp)),
});

/** What one step of ours gave, and what it drew. */
interface OurStep {
  readonly loss: number;
  readonly masks: Values;
}

/** Our side of a training: what the engines are fed, and how ours goes on. */
interface Ours {
  readonly batch: (step: number) => readonly ArrayValue[];
  readonly ourStep: (batch: readonly ArrayValue[]) => OurStep;
  /** Parameters and optimizer state as they are now. */
  readonly values: () => Values;
  /** Which of them are parameters. */
  readonly names: readonly string[];
}

/** Both trainings side by side; neither sees the other's weights after the start. */
async function lockstep(
  session: OnnxSession,
  start: Values,
  steps: number,
  { batch, ourStep, values, names }: Ours,
) {
  let [ours, theirs, masks] = [start, start, 0];
  const drift: number[] = [];
  const losses = { first: Number.NaN, ours: Number.NaN, theirs: Number.NaN };
  for (let step = 0; step < steps; step++) {
    const rows = batch(step);
    const drawn = ourStep(rows);
    [ours, losses.ours, masks] = [values(), drawn.loss, Object.keys(drawn.masks).length];
    // Data come first among the inputs of the graph, then targets.
    const data = Object.fromEntries(rows.map((value, i) => [session.inputNames[i], value]));
    const fetched = await session.fetch({ ...data, ...drawn.masks, ...theirs });
    // Their results are their next inputs: errors add up as they would in a training of its own.
    theirs = Object.fromEntries(Object.keys(theirs).map((name) => [name, fetched[`next.${name}`]]));
    losses.theirs = Number(fetched.loss.data[0]);
    if (step === 0) losses.first = losses.ours;
    drift.push(largestOf(compared(ours, theirs, names)));
  }
  return { ours, theirs, drift, losses, masks };
}

/** What turns a row of arrays into a loss. */
interface StepOptions {
  /** How many of a batch's arrays are the model's inputs; the others are targets. */
  readonly count: number;
  readonly loss: Objective;
}

/** The whole step as one graph. Its batch is fixed: that leaves shapes to ONNX Runtime to check. */
function stepAsModel(
  model: Module,
  batch: readonly ArrayValue[],
  {
    count,
    loss,
    optimizer,
    opset,
  }: StepOptions & { readonly optimizer: AnyOptimizer; readonly opset: number },
): Uint8Array {
  using _step = scope();
  const values = batch.map(asTensor);
  const gradients = { loss, targets: values.slice(count), optimizer };
  return exportOnnx(model, values.slice(0, count), {
    opset,
    dynamicBatch: false,
    gradients,
    ...exportable(batch),
  });
}

/** Full batches only: an exported step takes one size. */
function batchesOf(values: readonly Tensor[], batchSize: number): ArrayValue[][] {
  const all = chunksOf(values.map(copyOf), batchSize);
  const full = all.filter(([x]) => x.shape[0] === batchSize);
  if (full.length > 0) return full;
  throw new RangeError(
    `trainingStepParity: batches of ${batchSize} from ${values[0].shape[0]} rows — there must be at least one full batch`,
  );
}

/** One step as everybody writes it, with every operation recorded: that changes no number, and shows the masks. */
function ourStep(
  model: Module,
  optimizer: AnyOptimizer,
  batch: readonly ArrayValue[],
  { count, loss }: StepOptions,
): OurStep {
  using _step = scope();
  const values = batch.map(asTensor);
  optimizer.zeroGrad();
  const { inputs, outputs } = trace(model, values.slice(0, count), { training: true });
  const value = valueOf(loss, [...outputs.values(), ...values.slice(count)]);
  value.backward();
  optimizer.step();
  const masks = [...inputs].slice(count).map(([mask, name]) => [name, copyOf(mask)]);
  return { loss: value.item(), masks: Object.fromEntries(masks) };
}

/** A copy: the optimizer writes in place. */
function valuesOf(model: Module, optimizer: AnyOptimizer): Values {
  const state = Object.entries(trainingState(model, optimizer));
  return Object.fromEntries(state.map(([name, tensor]) => [name, copyOf(tensor)]));
}

const compared = (a: Values, b: Values, names: readonly string[]) =>
  names.map((name) => ({ name, ...agreement(a[name], b[name]) }));

const largestOf = (list: readonly Agreement[]): number => Math.max(...list.map(({ maxAbs }) => maxAbs));
