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
import { checked } from "tensorgrad/runtime";
import { type Agreement, agreement, largestOf, type Measures, type Outcome } from "./agreement.ts";
import { type LossOptions, type Named, problemOf, valueOf } from "./gradients.ts";
import { OnnxSession } from "./onnx-runtime.ts";
import { asTensor, borrow, copyOf, exportable, nameOf } from "./replay.ts";
import { chunksOf } from "./run.ts";

export interface TrainingParityOptions extends LossOptions {
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
export interface TrainingParity extends Outcome, Measures {
  readonly tolerance: number;
  readonly steps: number;
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
  const {
    tolerance = 1e-5,
    steps = 10,
    opset = 21,
    name = nameOf(model),
  } = checked("trainingStepParity", options, [
    ...(["loss", "targets", "optimizer", "steps", "batchSize", "tolerance", "opset", "name"] as const),
  ]);
  const { inputs: given, targets, loss } = problemOf(model, inputs, options);
  const { batchSize = given[0].shape[0] } = options;
  const batches = batchesOf([...given, ...targets], batchSize);
  using borrowed = borrow(model);
  const training = trainingOf(model, loss, options.optimizer(model.parameters()), given.length);
  const bytes = training.exported(batches[0], opset);
  await using session = await OnnxSession.open(bytes);

  const start = training.values();
  // Frozen parameters are no inputs of the step, and cannot differ.
  const names = borrowed.names.filter((name) => name in start);
  const end = await lockstep(session, training, batches, { steps, names });
  const { ours, theirs, drift, losses, masks } = end;
  const worst = worstOf(compared(ours, theirs, names));
  return {
    name,
    passed: worst.maxAbs <= tolerance,
    tolerance,
    steps,
    ...worst,
    drift,
    tensors: compared(ours, theirs, Object.keys(ours)),
    losses,
    moved: worstOf(compared(start, ours, names)).maxAbs,
    masks,
    nodes: decodeModel(bytes).graph?.node.length ?? 0,
    bytes: bytes.length,
  };
}

/** Both trainings side by side; neither sees the other's weights after the start. */
async function lockstep(
  session: OnnxSession,
  training: OurTraining,
  batches: readonly (readonly ArrayValue[])[],
  { steps, names }: { readonly steps: number; readonly names: readonly string[] },
) {
  let [ours, theirs, masks] = [training.values(), training.values(), 0];
  const drift: number[] = [];
  const losses = { first: Number.NaN, ours: Number.NaN, theirs: Number.NaN };
  for (let step = 0; step < steps; step++) {
    const rows = batches[step % batches.length];
    const drawn = training.step(rows);
    [ours, losses.ours, masks] = [training.values(), drawn.loss, Object.keys(drawn.masks).length];
    // Data come first among the inputs of the graph, then targets.
    const data = Object.fromEntries(rows.map((value, i) => [session.inputNames[i], value]));
    const fetched = await session.fetch({ ...data, ...drawn.masks, ...theirs });
    // Their results are their next inputs: errors add up as they would in a training of its own.
    theirs = Object.fromEntries(Object.keys(theirs).map((name) => [name, fetched[`next.${name}`]]));
    losses.theirs = Number(fetched.loss.data[0]);
    if (step === 0) losses.first = losses.ours;
    drift.push(worstOf(compared(ours, theirs, names)).maxAbs);
  }
  return { ours, theirs, drift, losses, masks };
}

type OurTraining = ReturnType<typeof trainingOf>;

/** Our side of a training: a model, its loss and its optimizer. Of a batch, the first `count` arrays are inputs. */
const trainingOf = (model: Module, loss: Objective, optimizer: AnyOptimizer, count: number) => ({
  /** The whole step as one graph. Its batch is fixed: that leaves shapes to ONNX Runtime to check. */
  exported(batch: readonly ArrayValue[], opset: number): Uint8Array {
    using _step = scope();
    const values = batch.map(asTensor);
    const gradients = { loss, targets: values.slice(count), optimizer };
    const how = { opset, dynamicBatch: false, gradients, ...exportable(batch) };
    return exportOnnx(model, values.slice(0, count), how);
  },

  /** One step as everybody writes it, with every operation recorded: that changes no number, and shows the masks. */
  step(batch: readonly ArrayValue[]): { readonly loss: number; readonly masks: Named } {
    using _step = scope();
    const values = batch.map(asTensor);
    optimizer.zeroGrad();
    const { inputs, outputs } = trace(model, values.slice(0, count), { training: true });
    const value = valueOf(loss, [...outputs.values(), ...values.slice(count)]);
    value.backward();
    optimizer.step();
    const masks = [...inputs].slice(count).map(([mask, name]) => [name, copyOf(mask)]);
    return { loss: value.item(), masks: Object.fromEntries(masks) };
  },

  /** Parameters, optimizer state and step count, as what an engine is fed and gives back: the optimizer writes in place. */
  values(): Named {
    const state = Object.entries(trainingState(model, optimizer));
    return Object.fromEntries(state.map(([name, tensor]) => [name, copyOf(tensor)]));
  },
});

/** Full batches only: an exported step takes one size. */
function batchesOf(values: readonly Tensor[], batchSize: number): ArrayValue[][] {
  const all = chunksOf(values.map(copyOf), batchSize);
  const full = all.filter(([x]) => x.shape[0] === batchSize);
  if (full.length > 0) return full;
  throw new RangeError(
    `trainingStepParity: batches of ${batchSize} from ${values[0].shape[0]} rows — there must be at least one full batch`,
  );
}

const compared = (a: Named, b: Named, names: readonly string[]) =>
  names.map((name) => ({ name, ...agreement(a[name], b[name]) }));

const worstOf = (list: readonly Agreement[]) => largestOf(["maxAbs", "maxRel", "maxUlp"], list);
