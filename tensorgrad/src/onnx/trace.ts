import { type Function, isTensor, recordAll, type Tensor } from "../01-tensor/index.ts";
import { type Layer, Module } from "../03-layers/index.ts";
import type { Recorded } from "./emit.ts";
import { topological } from "./topological.ts";

/** A function of tensors. Tensors that it closes over become constants. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** What can be exported: a module, anything else with a `forward`, or a function. */
export type Model = TensorFunction | { forward(...inputs: Tensor[]): Tensor | readonly Tensor[] };

/** Calls a model once in evaluation mode, with every operation recorded; leaves it as it was. */
export function trace(model: Model, inputs: readonly Tensor[]): Recorded {
  return traceWith(model, inputs.map(asLeaf));
}

/** Two inputs may be one tensor, or results of recorded operations: each becomes a leaf of its own. */
export const asLeaf = (x: Tensor): Tensor => x.detach();

/** `trace` with inputs that nothing else was computed from. */
export function traceWith(model: Model, fresh: readonly Tensor[]): Recorded {
  const paths = new Map<Function, string>();
  const call = () => (typeof model === "function" ? model(...fresh) : model.forward(...fresh));
  const result = inEvaluation(model, () => withPaths(model, paths, () => recordAll(call)));
  const outputs = Array.isArray(result) ? (result as readonly Tensor[]) : [result as Tensor];
  return {
    inputs: new Map(fresh.map((x, i) => [x, numbered("input", i, fresh.length)])),
    outputs: new Map(outputs.map((y, i) => [numbered("output", i, outputs.length), y])),
    parameters: model instanceof Module ? parametersOf(model) : new Map(),
    paths,
  };
}

/** `input` if it is the only one, else `input_0`, `input_1`, … */
export const numbered = (name: string, i: number, count: number): string =>
  count === 1 ? name : `${name}_${i}`;

/** Parameters and buffers by their `stateDict` names; a shared one has its first. */
function parametersOf(model: Module): Map<Tensor, string> {
  const names = new Map<Tensor, string>();
  for (const [path, module] of model.modules()) {
    for (const [key, value] of Object.entries(module)) {
      if (isTensor(value) && !names.has(value)) names.set(value, path ? `${path}.${key}` : key);
    }
  }
  return names;
}

function inEvaluation<T>(model: Model, call: () => T): T {
  if (!(model instanceof Module)) return call();
  const modes = model.modules().map(([, module]) => [module, module.training] as const);
  model.eval();
  try {
    return call();
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
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
    for (const fn of topological([y], (x) => given.has(x.gradFn) || paths.has(x.gradFn as Function)))
      paths.set(fn, path);
    return y;
  };
  Object.defineProperty(layer, "forward", { value: watched, configurable: true });
  return () => {
    if (own) Object.defineProperty(layer, "forward", own);
    else Reflect.deleteProperty(layer, "forward");
  };
}
