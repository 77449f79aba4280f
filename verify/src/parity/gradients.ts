import { grad, scope, type Tensor } from "tensorgrad";
import { Module } from "tensorgrad/nn";
import {
  type ArrayValue,
  decodeModel,
  exportOnnx,
  type Model,
  type Objective,
  traceGradients,
} from "tensorgrad/onnx";
import { checked } from "tensorgrad/runtime";
import { largest } from "../gradients/closeness.ts";
import { type Agreement, agreement, largestOf, type Measures, type Outcome } from "./agreement.ts";
import { nodeParity } from "./nodes.ts";
import { OnnxSession } from "./onnx-runtime.ts";
import { asTensor, copyOf, exportable, inEvaluation, listOf, nameOf, outputsOf, replay } from "./replay.ts";

export interface GradientParityOptions extends LossOptions {
  /** Largest difference of a gradient, relative to its own largest element. */
  readonly tolerance?: number;
  readonly opset?: number;
  readonly name?: string;
}

/** What a model's outputs, then the targets, amount to: one number. */
export interface LossOptions {
  readonly loss: Objective;
  readonly targets?: Tensor | readonly Tensor[];
}

/** What gradients are taken of, and where. */
export interface Problem {
  readonly model: Model;
  readonly inputs: readonly Tensor[];
  readonly targets: readonly Tensor[];
  readonly loss: Objective;
}

export const problemOf = (
  model: Model,
  inputs: Tensor | readonly Tensor[],
  { loss, targets = [] }: LossOptions,
): Problem => ({ model, inputs: listOf(inputs), targets: listOf(targets), loss });

/** One tensor in both engines; `relative` is the largest difference in units of the tensor's largest element. */
export interface TensorParity extends Agreement {
  readonly name: string;
  readonly relative: number;
  /** Each engine's largest difference from float64, in the same units; null if the model computes in float64. */
  readonly ours: number | null;
  readonly theirs: number | null;
}

/** Our backward against the exported backward pass that ONNX Runtime ran: the largest measures of all gradients. */
export interface GradientParity extends Outcome, Measures {
  readonly tolerance: number;
  readonly relative: number;
  readonly loss: TensorParity;
  /** In the order of the parameters; for functions, of the inputs. */
  readonly gradients: readonly TensorParity[];
  /**
   * If not passed: the first node whose result differs although its inputs agree. null then means that the graph is
   * right, and `backward` differs from its own rules: a fused kernel.
   */
  readonly firstDivergence: string | null;
  /** Nodes of the graph: forward, loss and backward. */
  readonly nodes: number;
  readonly bytes: number;
}

/**
 * Exports forward, loss and backward as one graph, runs it in ONNX Runtime, and compares every gradient with that of
 * `backward`, which takes another way through fused kernels. Both are measured against the same graph in float64.
 * Layers are in evaluation mode: `trainingStepParity` is for dropout and its like.
 */
export async function gradientParity(
  model: Model,
  inputs: Tensor | readonly Tensor[],
  options: GradientParityOptions,
): Promise<GradientParity> {
  const {
    tolerance = 1e-5,
    opset = 21,
    name = nameOf(model),
  } = checked("gradientParity", options, ["loss", "targets", "tolerance", "opset", "name"]);
  const problem = problemOf(model, inputs, options);
  using _mode = inEvaluation(model);
  const bytes = backwardModel(problem, opset);
  const { truth, ours } = ourGradients(problem);
  const theirs = await theirGradients(problem, bytes);
  const [value, ...gradients] = Object.keys(ours).map((name) =>
    tensorParity(name, ours[name], theirs[name], truth[name]),
  );
  const worst = largestOf(["relative", "maxAbs", "maxRel", "maxUlp"], gradients);
  const passed = gradients.length > 0 && worst.relative <= tolerance && isNear(value, truth.loss, tolerance);
  return {
    name,
    passed,
    tolerance,
    ...worst,
    loss: value,
    gradients,
    firstDivergence: passed ? null : await firstDivergence(problem, tolerance, opset),
    nodes: decodeModel(bytes).graph?.node.length ?? 0,
    bytes: bytes.length,
  };
}

/** Opens the graph up, forward and backward alike, only where it is needed: a session for each node takes its time. */
async function firstDivergence(
  { model, inputs, targets, loss }: Problem,
  tolerance: number,
  opset: number,
): Promise<string | null> {
  const count = inputs.length;
  const tracer = (x: readonly Tensor[]) => traceGradients(model, x.slice(0, count), x.slice(count), loss);
  const feeds = [...inputs, ...targets].map(copyOf);
  const nodes = await nodeParity(tracer, feeds, { tolerance, opset, optimization: "disabled" });
  return nodes.find(({ diverges }) => diverges)?.name ?? null;
}

/** Forward, loss and backward as one graph. */
export const backwardModel = ({ model, inputs, targets, loss }: Problem, opset: number): Uint8Array =>
  exportOnnx(model, inputs, {
    opset,
    dynamicBatch: false,
    gradients: { loss, targets },
    ...exportable(inputs),
  });

/** `loss` and `grad.<name>`, as ONNX Runtime computes them. */
export async function theirGradients({ inputs, targets }: Problem, bytes: Uint8Array): Promise<Named> {
  await using session = await OnnxSession.open(bytes);
  return await session.fetch([...inputs, ...targets].map(copyOf));
}

/** A loss is a sum that may nearly cancel: below 1, its difference counts as it is. */
const isNear = ({ maxAbs }: Agreement, { data }: ArrayValue, tolerance: number): boolean =>
  maxAbs <= tolerance * Math.max(1, Math.abs(Number(data[0])));

export type Named = Readonly<Record<string, ArrayValue>>;

/** `loss` and `grad.<name>`: by backward as everybody calls it, and by the recorded graph once more in float64. */
export function ourGradients(problem: Problem): { readonly ours: Named; readonly truth: Named } {
  const { model, inputs, targets, loss } = problem;
  using _step = scope();
  using _mode = inEvaluation(model);
  const recorded = traceGradients(model, inputs, targets, loss);
  const names = [...recorded.outputs.keys()].filter((name) => name === "loss" || name.startsWith("grad."));
  const wide = replay(recorded);
  const fused = fusedGradients(problem);
  const named = (of: (name: string, i: number) => Tensor): Named =>
    Object.fromEntries(names.map((name, i) => [name, copyOf(of(name, i))]));
  return {
    truth: named((name) => wide(recorded.outputs.get(name) as Tensor)),
    ours: named((_, i) => fused[i]),
  };
}

/** The loss, then the gradients: as `traceGradients` orders them, but without a record. */
function fusedGradients({ model, inputs, targets, loss }: Problem): Tensor[] {
  const leaves = inputs.map((x) => asTensor(copyOf(x))); // gradients of these, and of nobody else's tensors
  const parameters = model instanceof Module ? model.parameters().filter((p) => p.requiresGrad) : [];
  const wanted = parameters.length ? parameters : leaves.filter((x) => x.isFloat);
  if (!parameters.length) for (const x of wanted) x.requiresGrad = true;
  const value = lossAt(model, loss, leaves, targets);
  return [value, ...grad(value, wanted)];
}

/** The model's outputs and the targets, made one number. */
export function lossAt(
  model: Model,
  loss: Objective,
  inputs: readonly Tensor[],
  targets: readonly Tensor[],
): Tensor {
  return valueOf(loss, [...outputsOf(model, inputs), ...targets]);
}

/** A loss may be a function or a module with settings. */
export function valueOf(loss: Objective, values: readonly Tensor[]): Tensor {
  const call = typeof loss === "function" ? loss : loss.forward.bind(loss);
  return (call as (...all: Tensor[]) => Tensor)(...values);
}

/** The largest element of a tensor, as its measures tell; 0 where there is no difference to tell it. */
export const sizeOf = ({ maxAbs, relative }: TensorParity): number => (relative > 0 ? maxAbs / relative : 0);

/** Both engines against each other, and each against the same graph in float64. */
export function tensorParity(
  name: string,
  ours: ArrayValue,
  theirs: ArrayValue,
  truth: ArrayValue,
): TensorParity {
  const both = agreement(ours, theirs);
  // Elements that cancel to nearly nothing are judged by the company they keep.
  const unit = largest(truth.data as Float64Array) || 1;
  const off = (value: ArrayValue) =>
    ours.dtype === "float64" ? null : agreement(value, truth).maxAbs / unit;
  return { name, ...both, relative: both.maxAbs / unit, ours: off(ours), theirs: off(theirs) };
}
