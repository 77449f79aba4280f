import { can, checked, expectArgument, scope, show } from "../../00-runtime/index.ts";
import { fromArray, isTensor, recordAll, type Tensor } from "../../01-tensor/index.ts";
import type { Module } from "../../03-layers/index.ts";
import type { Move, Moving, Optimizer } from "../../06-optimizers/index.ts";
import type { Recorded } from "../export/emit.ts";
import { declareInputs } from "../export/no-reads.ts";
import { expectModel, type Model, trace } from "../export/trace.ts";
import { inPhases, type Objective, traceGradients, trainable } from "./trace-gradients.ts";

/** What an export needs of an optimizer, or of several combined. */
export type AnyOptimizer = Pick<
  Optimizer<{ lr: number }>,
  "groups" | "stateDict" | "moves" | "step" | "zeroGrad"
>;

/** One parameter that an optimizer moves, under the name that the graph gives it. */
interface Moved extends Moving {
  readonly path: string;
  readonly settings: { readonly lr: number };
}

/**
 * Records a whole training step: forward, loss, backward and the optimizer's move. Parameters and what the optimizer
 * remembers are inputs of the graph, and under `next.<name>` its outputs: fed back, they train on in any ONNX engine.
 * So are the masks of dropout, `mask.<path>`: `trainingMasks` draws those of one step.
 */
export function traceTrainingStep(
  model: Model,
  inputs: readonly Tensor[],
  targets: readonly Tensor[],
  options: { readonly loss: Objective; readonly optimizer: AnyOptimizer },
): Recorded {
  const { loss, optimizer } = checked("traceTrainingStep", options, ["loss", "optimizer"]);
  expectModel(model);
  const parameters = movedBy(model, optimizer);
  const made = fromArray(Int32Array.of(0), []); // steps so far
  const state = new Map(parameters.flatMap((moved) => [...named(moved)]));
  declareInputs([...state, [made, "step"]]);
  const recorded = traceGradients(model, inputs, targets, loss);
  const next = recordAll(() => {
    const step = made.add(1);
    // One move per group, so that what only depends on the step (bias corrections) is computed once.
    const moves = new Map(
      optimizer.groups.map(({ settings }) => [settings, optimizer.moves(settings, step)]),
    );
    const moved = parameters.flatMap(({ path, settings, ...from }) => {
      const g = recorded.outputs.get(`grad.${path}`) as Tensor;
      return [...named({ path, ...(moves.get(settings) as Move)(from, g) })];
    });
    return new Map([...moved, [step, "step"]]);
  });
  // Gradients are means to an end here; who wants to see them exports without an optimizer.
  const kept = [...recorded.outputs].filter(([name]) => !name.startsWith("grad."));
  const training = {
    ...recorded,
    inputs: new Map([...recorded.inputs, ...state, [made, "step"]]),
    outputs: new Map([...kept, ...[...next].map(([x, name]): [string, Tensor] => [`next.${name}`, x])]),
  };
  return inPhases(training, [["step", next.keys()]]);
}

/**
 * What the graph of a training step takes besides its data, by name: parameters (`0.weight`), what the optimizer
 * remembers of each (`velocity.0.weight`), and the steps made so far (`step`).
 */
export function trainingState(model: Module, optimizer: AnyOptimizer): Record<string, Tensor> {
  expectModel(model);
  expectArgument(
    can(optimizer, "stateDict"),
    "trainingState",
    "optimizer",
    optimizer,
    "an optimizer, such as new SGD(model.parameters())",
  );
  const { steps } = optimizer.stateDict();
  if (new Set(steps).size > 1) {
    throw new RangeError(
      `trainingState: parameters moved ${steps.join(", ")} times — an exported training step counts once for all; start with a fresh optimizer`,
    );
  }
  const state = movedBy(model, optimizer).flatMap((moved) => [...named(moved)]);
  return {
    ...Object.fromEntries(state.map(([x, name]) => [name, x])),
    step: fromArray(Int32Array.of(steps[0] ?? 0), []),
  };
}

/**
 * The masks that the layers of a model draw for these inputs, by their names in an exported training step: new ones at
 * each call, none in evaluation mode.
 *
 * Cost      one forward pass
 */
export function trainingMasks(model: Module, inputs: Tensor | readonly Tensor[]): Record<string, Tensor> {
  using step = scope();
  const given = isTensor(inputs) ? [inputs] : inputs;
  const recorded = trace(model, given, { training: true });
  const masks = [...recorded.inputs].slice(given.length);
  return Object.fromEntries(masks.map(([mask, name]) => [name, step.keep(mask.detach())]));
}

function* named({ path, p, state }: Pick<Moved, "path" | "p" | "state">): Generator<[Tensor, string]> {
  yield [p, path];
  for (const [name, tensor] of Object.entries(state)) yield [tensor, `${name}.${path}`];
}

/** The optimizer's parameters by their names in the model, each with its settings and state. */
function movedBy(model: Model, optimizer: AnyOptimizer): Moved[] {
  const names = new Map(trainable(model).map(([path, p]) => [p, path]));
  expectArgument(
    can(optimizer, "stateDict"),
    "exportOnnx",
    "optimizer",
    optimizer,
    "an optimizer, such as new SGD(model.parameters())",
  );
  const { tensors } = optimizer.stateDict();
  const all = optimizer.groups.flatMap(({ params, settings }) => params.map((p) => ({ p, settings })));
  return all.map(({ p, settings }, i) => {
    const path = names.get(p);
    if (path === undefined) {
      throw new TypeError(
        `exportOnnx: the optimizer moves a tensor of shape ${show(p.shape)} that is no parameter of the model — pass it model.parameters()`,
      );
    }
    const prefix = `${i}.`;
    const own = Object.entries(tensors).filter(([key]) => key.startsWith(prefix));
    const state = Object.fromEntries(own.map(([key, tensor]) => [key.slice(prefix.length), tensor]));
    return { path, p, settings, state };
  });
}
