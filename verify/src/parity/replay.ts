import { type Function, fromArray, fromBits, noGrad, scope, type Tensor } from "tensorgrad";
import { operationsBehind } from "tensorgrad/functions";
import { evaluating, Module } from "tensorgrad/nn";
import { type ArrayValue, type Model, type Recorded, trace } from "tensorgrad/onnx";

/** One call of a model: its outputs by name, and the same operations once more in float64. */
export interface OurRun {
  readonly outputs: Record<string, ArrayValue>;
  /** Null where nothing was replayed. */
  readonly truth: Record<string, ArrayValue> | null;
  /** Of the first. */
  readonly seconds: number;
}

function timed<T>(run: () => T): [result: T, seconds: number] {
  const started = performance.now();
  return [run(), (performance.now() - started) / 1000];
}

/** Runs a model in evaluation mode on plain arrays, then replays what it did in float64. */
export function runTwice(
  model: Model,
  inputs: readonly ArrayValue[],
): OurRun & { truth: Record<string, ArrayValue> } {
  using _step = scope();
  const tensors = inputs.map(asTensor);
  const [recorded, seconds] = timed(() => trace(model, tensors));
  const wide = replay(recorded);
  const named = (of: (y: Tensor) => Tensor) =>
    Object.fromEntries([...recorded.outputs].map(([name, y]) => [name, copyOf(of(y))]));
  return { outputs: named((y) => y), truth: named(wide), seconds };
}

/** Runs a model in evaluation mode as its users do: nothing is recorded, so that fused kernels may take over. */
export function runOnce(model: Model, inputs: readonly ArrayValue[], names: readonly string[]): OurRun {
  using _step = scope();
  using _evaluating = inEvaluation(model);
  using _unrecorded = noGrad();
  const tensors = inputs.map(asTensor);
  const [outputs, seconds] = timed(() => outputsOf(model, tensors));
  const named = outputs.map((y, i): [string, ArrayValue] => [names[i], copyOf(y)]);
  return { outputs: Object.fromEntries(named), truth: null, seconds };
}

/** What a model returns, as a list. */
export const outputsOf = (model: Model, inputs: readonly Tensor[]): readonly Tensor[] =>
  listOf(typeof model === "function" ? model(...inputs) : model.forward(...inputs));

/** One tensor or several. */
export const listOf = (tensors: Tensor | readonly Tensor[]): readonly Tensor[] =>
  "storage" in tensors ? [tensors] : tensors;

/**
 * Evaluates a recorded call again with every float32 widened to float64: the same program with 29 more bits. What
 * is not float32 (indices, masks) stays. Returns where to find the wide twin of each tensor.
 */
export function replay({ inputs, parameters, outputs }: Recorded): (x: Tensor) => Tensor {
  const isGiven = (x: Tensor) => inputs.has(x) || parameters.has(x);
  const leaves = new Map<Tensor, Tensor>();
  const results = new Map<Function, Tensor>();
  const twin = (x: Tensor): Tensor => {
    const result = x.gradFn && !isGiven(x) ? results.get(x.gradFn) : leaves.get(x);
    if (result) return result;
    leaves.set(x, widened(x));
    return leaves.get(x) as Tensor;
  };
  noGrad(() => {
    for (const fn of operationsBehind([...outputs.values()], isGiven)) {
      results.set(fn, widened(fn.forward(...fn.prev.map(twin))));
    }
    for (const y of outputs.values()) twin(y);
  });
  return twin;
}

const widened = (x: Tensor): Tensor => (x.dtype === "float32" ? x.to("float64") : x);

/** A tensor's content, outside the heap. */
export const copyOf = ({ dtype, shape, data }: Tensor): ArrayValue => ({ dtype, shape, data: data.slice() });

export function asTensor({ dtype, shape, data }: ArrayValue): Tensor {
  if (dtype === "int64") return fromArray(Int32Array.from(data as BigInt64Array, Number), shape);
  if (dtype === "float16" || dtype === "bfloat16") return fromBits(data as Uint16Array, shape, dtype);
  return fromArray(data as Float32Array, shape, { dtype });
}

/** What ONNX Runtime can run of a float64 model: operators that it lacks there are spelled out. */
export const exportable = (
  inputs: readonly { readonly dtype: string }[],
): { readonly decompose?: "float64" } =>
  inputs.some(({ dtype }) => dtype === "float64") ? { decompose: "float64" } : {};

/** A class or a function, as typed. */
export const nameOf = (model: Model): string =>
  typeof model === "function" ? model.name || "function" : model.constructor.name;

/** Remembers weights and gradients, and puts them back at the end of the block. */
export function borrow(model: Module): Disposable & { readonly names: readonly string[] } {
  const named = model.namedParameters();
  const before = named.map(([, p]) => ({ p, values: p.data.slice(), grad: p.grad }));
  for (const { p } of before) p.grad = null;
  return {
    names: named.map(([name]) => name),
    [Symbol.dispose]: () => {
      for (const { p, values, grad } of before) {
        p.assign(values);
        p.grad = grad;
      }
    },
  };
}

/** Switches dropout and its like off until the end of the block, as exported models run. */
export const inEvaluation = (model: Model): Disposable | null =>
  model instanceof Module ? evaluating(model) : null;
