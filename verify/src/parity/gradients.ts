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
import { largest } from "../gradients/closeness.ts";
import { type Agreement, agreement, largestOf } from "./agreement.ts";
import { nodeParity } from "./nodes.ts";
import { OnnxSession } from "./onnx-runtime.ts";
import { asTensor, copyOf, exportable, inEvaluation, replay } from "./replay.ts";

export interface GradientParityOptions {
  /** Computed from the outputs, then the targets. */
  readonly loss: Objective;
  readonly targets?: Tensor | readonly Tensor[];
  /** Largest difference of a gradient, relative to its own largest element. */
  readonly tolerance?: number;
  readonly opset?: number;
  readonly name?: string;
}

/** One tensor in both engines; `relative` is the largest difference in units of the tensor's largest element. */
export interface TensorParity extends Agreement {
  readonly name: string;
  readonly relative: number;
  /** Each engine's largest difference from float64, in the same units; null if the model computes in float64. */
  readonly ours: number | null;
  readonly theirs: number | null;
}

/** Our backward against the exported backward pass that ONNX Runtime ran: the largest measures of all gradients. */
export interface GradientParity {
  readonly name: string;
  readonly passed: boolean;
  readonly tolerance: number;
  readonly relative: number;
  readonly maxAbs: number;
  readonly maxRel: number;
  readonly maxUlp: number;
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
  const { tolerance = 1e-5, opset = 21, loss } = options;
  const [given, targets] = [listOf(inputs), listOf(options.targets ?? [])];
  using _mode = inEvaluation(model);
  const bytes = exportOnnx(model, given, {
    opset,
    dynamicBatch: false,
    gradients: { loss, targets },
    ...exportable(given),
  });
  const { truth, ours } = ourGradients(model, given, targets, loss);
  await using session = await OnnxSession.open(bytes);
  const theirs = await session.fetch([...given, ...targets].map(copyOf));
  const [value, ...gradients] = Object.keys(ours).map((name) =>
    tensorParity(name, ours[name], theirs[name], truth[name]),
  );
  const worst = largestOf(["relative", "maxAbs", "maxRel", "maxUlp"], gradients);
  const passed = gradients.length > 0 && worst.relative <= tolerance && isNear(value, truth.loss, tolerance);
  return {
    name: options.name ?? (typeof model === "function" ? model.name || "function" : model.constructor.name),
    passed,
    tolerance,
    ...worst,
    loss: value,
    gradients,
    firstDivergence: passed ? null : await firstDivergence(model, given, targets, { loss, tolerance, opset }),
    nodes: decodeModel(bytes).graph?.node.length ?? 0,
    bytes: bytes.length,
  };
}

/** Opens the graph up, forward and backward alike, only where it is needed: a session for each node takes its time. */
async function firstDivergence(
  model: Model,
  inputs: readonly Tensor[],
  targets: readonly Tensor[],
  {
    loss,
    tolerance,
    opset,
  }: { readonly loss: Objective; readonly tolerance: number; readonly opset: number },
): Promise<string | null> {
  const count = inputs.length;
  const tracer = (x: readonly Tensor[]) => traceGradients(model, x.slice(0, count), x.slice(count), loss);
  const feeds = [...inputs, ...targets].map(copyOf);
  const nodes = await nodeParity(tracer, feeds, { tolerance, opset, optimization: "disabled" });
  return nodes.find(({ diverges }) => diverges)?.name ?? null;
}

/** A loss is a sum that may nearly cancel: below 1, its difference counts as it is. */
const isNear = ({ maxAbs }: Agreement, { data }: ArrayValue, tolerance: number): boolean =>
  maxAbs <= tolerance * Math.max(1, Math.abs(Number(data[0])));

type Named = Readonly<Record<string, ArrayValue>>;

/** `loss` and `grad.<name>`: by backward as everybody calls it, and by the recorded graph once more in float64. */
export function ourGradients(
  model: Model,
  inputs: readonly Tensor[],
  targets: readonly Tensor[],
  loss: Objective,
): { readonly ours: Named; readonly truth: Named } {
  using _step = scope();
  using _mode = inEvaluation(model);
  const recorded = traceGradients(model, inputs, targets, loss);
  const names = [...recorded.outputs.keys()].filter((name) => name === "loss" || name.startsWith("grad."));
  const wide = replay(recorded);
  const truth = names.map((name) => [name, copyOf(wide(recorded.outputs.get(name) as Tensor))] as const);
  const fused = fusedGradients(model, inputs, targets, loss);
  return {
    truth: Object.fromEntries(truth),
    ours: Object.fromEntries(names.map((name, i) => [name, fused[i]])),
  };
}

/** The loss, then the gradients: as `traceGradients` orders them, but without a record. */
function fusedGradients(
  model: Model,
  inputs: readonly Tensor[],
  targets: readonly Tensor[],
  loss: Objective,
): ArrayValue[] {
  const leaves = inputs.map((x) => asTensor(copyOf(x))); // gradients of these, and of nobody else's tensors
  const parameters = model instanceof Module ? model.parameters().filter((p) => p.requiresGrad) : [];
  const wanted = parameters.length ? parameters : leaves.filter((x) => x.isFloat);
  if (!parameters.length) for (const x of wanted) x.requiresGrad = true;
  const y = typeof model === "function" ? model(...leaves) : model.forward(...leaves);
  const value = valueOf(loss, [...listOf(y), ...targets]);
  return [value, ...grad(value, wanted)].map(copyOf);
}

/** A loss may be a function or a module with settings. */
export function valueOf(loss: Objective, values: readonly Tensor[]): Tensor {
  const call = typeof loss === "function" ? loss : loss.forward.bind(loss);
  return (call as (...all: Tensor[]) => Tensor)(...values);
}

/** One tensor or several. */
export const listOf = (tensors: Tensor | readonly Tensor[]): readonly Tensor[] =>
  "storage" in tensors ? [tensors] : tensors;

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
