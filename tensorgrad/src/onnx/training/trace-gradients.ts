import { GradientError, ShapeError, show } from "../../00-runtime/index.ts";
import { type Function, operationsBehind, recordAll, type Tensor } from "../../01-tensor/index.ts";
import { Module } from "../../03-layers/index.ts";
import { grad } from "../../05-autograd/index.ts";
import type { Recorded } from "../export/emit.ts";
import { asLeaves, type Model, numbered, traceWith } from "../export/trace.ts";

/** Outputs of the model first, then targets: one number, the smaller the better. */
export type Objective =
  | ((output: Tensor, target: Tensor) => Tensor)
  | ((...values: Tensor[]) => Tensor)
  | { forward(...values: Tensor[]): Tensor };

/** Options of `traceGradients`, and of `exportOnnx` for gradients. */
export interface GradientOptions {
  readonly loss: Objective;
  /** What the loss takes after the model's outputs. They become inputs of the graph: `target` or `target_0`, … */
  readonly targets?: Tensor | readonly Tensor[];
}

/** A tensor whose gradient is asked for, and its name. */
type Wanted = readonly [name: string, tensor: Tensor];

/**
 * Calls a model and its loss, and walks back, with every operation recorded: gradients are computed by tensor
 * operations like anything else. Those of the parameters become outputs; for functions, those of the inputs.
 *
 * Layers are in the mode they are in: what dropout silences is an input, so that another engine silences the same.
 */
export function traceGradients(
  model: Model,
  inputs: readonly Tensor[],
  targets: readonly Tensor[],
  loss: Objective,
): Recorded {
  const [leaves, labels] = [asLeaves(inputs, "input"), asLeaves(targets, "target")];
  const ofParameters = trainable(model);
  if (ofParameters.length === 0) for (const x of leaves) if (x.isFloat) x.requiresGrad = true;
  const forward = traceWith(model, leaves, { training: true });
  const [data, masks] = [
    [...forward.inputs].slice(0, leaves.length),
    [...forward.inputs].slice(leaves.length),
  ];
  const value = recordAll(() => lossOf(loss, [...forward.outputs.values(), ...labels]));
  const wanted = ofParameters.length
    ? ofParameters
    : data.flatMap(([x, name]): Wanted[] => (x.requiresGrad ? [[name, x]] : []));
  // Everything is recorded, also what needs no gradient: a rule may compare, or look where the largest element was.
  const gradients = recordAll(() => gradientsOf(value, wanted));
  const recorded = {
    ...forward,
    inputs: new Map([...data, ...labels.map(nameOfTarget), ...masks]),
    outputs: new Map([...forward.outputs, ["loss", value], ...gradients]),
  };
  // Operations of the model keep the paths of its layers, or none; those after it are named for what they belong to.
  return inPhases(recorded, [
    ["", forward.outputs.values()],
    ["loss", [value]],
    ["backward", gradients.map(([, g]) => g)],
  ]);
}

export const trainable = (model: Model): readonly Wanted[] =>
  model instanceof Module ? model.namedParameters().filter(([, parameter]) => parameter.requiresGrad) : [];

const nameOfTarget = (x: Tensor, i: number, all: readonly Tensor[]): [Tensor, string] => [
  x,
  numbered("target", i, all.length),
];

function lossOf(loss: Objective, values: readonly Tensor[]): Tensor {
  const call = (typeof loss === "function" ? loss : loss.forward.bind(loss)) as (...all: Tensor[]) => Tensor;
  const value = call(...values);
  if (value.size === 1) return value;
  throw new ShapeError(
    `exportOnnx: a loss of shape ${show(value.shape)} — gradients are those of a single number; reduce it with .mean() or .sum()`,
  );
}

function gradientsOf(loss: Tensor, wanted: readonly Wanted[]): [name: string, gradient: Tensor][] {
  if (wanted.length === 0) throw withoutGradient("gradients of nothing");
  const tensors = wanted.map(([, x]) => x);
  return grad(loss, tensors, { createGraph: true, allowUnused: true }).map((g, i) => {
    const [name, x] = wanted[i];
    if (!g) throw withoutGradient(`the gradient of ${name} ${show(x.shape)}`);
    return [`grad.${name}`, g];
  });
}

const withoutGradient = (what: string): GradientError =>
  new GradientError(
    `exportOnnx: ${what} — the loss has to depend on every parameter that requires a gradient; ` +
      "freeze others first: parameter.requiresGrad = false",
  );

/** Notes which part of a training step each operation belongs to: the first part that needs it. */
export function inPhases(
  recorded: Recorded,
  phases: readonly (readonly [name: string, results: Iterable<Tensor>])[],
): Recorded {
  const isGiven = (x: Tensor) => recorded.inputs.has(x) || recorded.parameters.has(x);
  const paths = new Map<Function, string>(recorded.paths);
  for (const [name, results] of phases) {
    for (const fn of operationsBehind([...results], isGiven)) if (!paths.has(fn)) paths.set(fn, name);
  }
  return { ...recorded, paths };
}
