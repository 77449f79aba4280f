import { can, checked, expectArgument } from "../../00-runtime/index.ts";
import {
  expectTensors,
  type Function,
  isTensor,
  operationsBehind,
  recordAll,
  type Tensor,
} from "../../01-tensor/index.ts";
import { DropoutMask, evaluating, type Layer, Module } from "../../03-layers/index.ts";
import { ImportedModel } from "../import/imported-model.ts";
import type { Recorded } from "./emit.ts";
import { declareInputs } from "./no-reads.ts";

/** A function of tensors. Tensors that it closes over become constants. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** What can be exported: a module, anything else with a `forward`, or a function. */
export type Model = TensorFunction | { forward(...inputs: Tensor[]): Tensor | readonly Tensor[] };

/** How a model is traced for an export. */
export interface TraceOptions {
  /**
   * Calls the layers of a module in the mode they are in, not in evaluation mode: the masks that dropout draws become
   * inputs, `mask.<path of the layer>`.
   */
  readonly training?: boolean;
}

/** Calls a model once in evaluation mode, with every operation recorded; leaves it as it was. */
export function trace(model: Model, inputs: readonly Tensor[], options: TraceOptions = {}): Recorded {
  return traceWith(model, asLeaves(inputs, "input"), options);
}

/** Two inputs may be one tensor, or results of recorded operations: each becomes a leaf of its own. */
export function asLeaves(given: readonly Tensor[], name: string): Tensor[] {
  expectTensors("exportOnnx", given, "inputs");
  const leaves = given.map((x) => x.detach());
  declareInputs(leaves.map((x, i) => [x, numbered(name, i, leaves.length)]));
  return leaves;
}

/** `trace` with inputs that nothing else was computed from. */
export function traceWith(model: Model, fresh: readonly Tensor[], options: TraceOptions = {}): Recorded {
  const { training = false } = checked("trace", options, ["training"]);
  expectModel(model);
  const paths = new Map<Function, string>();
  const call = () => called(model, fresh);
  using _ = training || !(model instanceof Module) ? null : evaluating(model);
  const result = withPaths(model, paths, () => recordAll(call));
  const outputs = Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
  if (outputs.length === 0 || !outputs.every(isTensor)) {
    throw new TypeError(
      `exportOnnx: the model returned ${outputs.join(", ") || "nothing"} — it returns a tensor, or a list of tensors`,
    );
  }
  const masks = masksBehind(outputs, paths);
  const asInputs = training && model instanceof Module;
  return {
    inputs: new Map([
      ...fresh.map((x, i): [Tensor, string] => [x, numbered("input", i, fresh.length)]),
      ...(asInputs ? masks : []),
    ]),
    outputs: new Map(outputs.map((y, i) => [numbered("output", i, outputs.length), y])),
    // A function that draws a mask by itself closes over it, as over any other tensor.
    parameters: new Map([
      ...(model instanceof Module ? parametersOf(model) : []),
      ...(asInputs ? [] : masks),
    ]),
    paths,
  };
}

/** All outputs of an imported model; of others, what they return. */
function called(model: Model, inputs: readonly Tensor[]): Tensor | readonly Tensor[] {
  if (typeof model === "function") return model(...inputs);
  return model instanceof ImportedModel ? model.forwardAll(...inputs) : model.forward(...inputs);
}

/** Every mask that was drawn on the way, named after its layer; from the second use of a layer on with a number. */
function masksBehind(outputs: readonly Tensor[], paths: ReadonlyMap<Function, string>): Map<Tensor, string> {
  const masks = new Map<Tensor, string>();
  const uses = new Map<string, number>();
  for (const mask of operationsBehind(outputs).flatMap(({ prev }) => prev)) {
    if (!(mask.gradFn instanceof DropoutMask) || masks.has(mask)) continue;
    const path = paths.get(mask.gradFn);
    const name = path ? `mask.${path}` : "mask";
    const use = uses.get(name) ?? 0;
    uses.set(name, use + 1);
    masks.set(mask, use === 0 ? name : `${name}_${use}`);
  }
  return masks;
}

/** `input` if it is the only one, else `input_0`, `input_1`, … */
export const numbered = (name: string, i: number, count: number): string =>
  count === 1 ? name : `${name}_${i}`;

/** Parameters and buffers by their `stateDict` names; a shared one has its first. */
function parametersOf(model: Module): Map<Tensor, string> {
  const names = new Map<Tensor, string>();
  for (const [path, tensor] of model.namedTensors()) if (!names.has(tensor)) names.set(tensor, path);
  return names;
}

/** During the call, notes for every operation the path of the innermost module that used it. */
function withPaths<T>(model: Model, paths: Map<Function, string>, call: () => T): T {
  if (!(model instanceof Module)) return call();
  const restore = layersOf(model).map(([path, layer]) => watch(layer, path, paths));
  try {
    return call();
  } finally {
    for (const undo of restore) undo();
  }
}

/** All parts below a module, with their paths. */
function layersOf(module: Module, prefix = ""): [path: string, layer: Layer | Module][] {
  return module.children().flatMap(([name, part]): [string, Layer | Module][] => {
    const path = prefix + name;
    return [[path, part], ...(part instanceof Module ? layersOf(part, `${path}.`) : [])];
  });
}

/** Puts a forward of its own before the layer's; returns how to take it away again. */
function watch(layer: Layer | Module, path: string, paths: Map<Function, string>): () => void {
  const own = Object.getOwnPropertyDescriptor(layer, "forward");
  const forward = layer.forward as (...inputs: Tensor[]) => Tensor;
  const watched = (...inputs: Tensor[]) => {
    const y = forward.apply(layer, inputs);
    const given = new Set(inputs.map((x) => x?.gradFn));
    for (const fn of operationsBehind([y], (x) => given.has(x.gradFn) || paths.has(x.gradFn as Function)))
      paths.set(fn, path);
    return y;
  };
  Object.defineProperty(layer, "forward", { value: watched, configurable: true });
  return () => {
    if (own) Object.defineProperty(layer, "forward", own);
    else Reflect.deleteProperty(layer, "forward");
  };
}

/** Refuses what cannot be called with tensors. */
export const expectModel = (model: unknown): void =>
  expectArgument(
    typeof model === "function" || can(model, "forward"),
    "exportOnnx",
    "model",
    model,
    "a Module, such as new Sequential(…), or a function of tensors",
  );
