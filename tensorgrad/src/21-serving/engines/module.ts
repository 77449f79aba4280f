import { checked, isDType, isHalf, scope, show } from "../../00-runtime/index.ts";
import { fromArray, fromBits, isTensor, type Tensor } from "../../01-tensor/index.ts";
import { evaluating, Module } from "../../03-layers/index.ts";
import { noGrad } from "../../05-autograd/index.ts";
import type { ArrayValue, Model } from "../../onnx/index.ts";
import type { ModelSchema, ServedModel, TensorMap, TensorSpec } from "../types.ts";

/** Options of `moduleModel`. */
export interface ModuleModelOptions {
  readonly name?: string;
  readonly version?: string;
  /** What the model is called with: shapes and dtypes of the schema come from here. Dim 0 is the batch. */
  readonly example: Tensor | readonly Tensor[];
}

/**
 * A module, or any function of tensors, that computes with this library.
 *
 * It is called with the example to see what it gives, and with twice the rows to see whether requests may share a call. Inputs
 * and outputs are named as `exportOnnx` names them, so that both engines have one schema.
 *
 * Throws    TypeError for an example that is none; what the model throws for its example
 */
export function moduleModel(model: Model, options: ModuleModelOptions): ServedModel {
  const {
    name = "model",
    version = "1",
    example,
  } = checked("moduleModel", options, ["name", "version", "example"]);
  const inputs = isTensor(example) ? [example] : example;
  if (!Array.isArray(inputs) || inputs.length === 0 || !inputs.every((x) => isTensor(x) && x.rank > 0))
    throw new TypeError(
      "serve: no example — a module does not say what it takes; pass { example: zeros([1, 784]) }, its first dim the batch",
    );
  const call = caller(model);
  const given = inputs.map(valueOf);
  const found = call(given);
  const batched = giveRowForRow(call, given, found);
  const free = (specs: readonly TensorSpec[]) =>
    batched ? specs.map((spec) => ({ ...spec, shape: [-1, ...spec.shape.slice(1)] })) : specs;
  const schema: ModelSchema = {
    inputs: free(specsOf("input", given)),
    outputs: free(specsOf("output", found)),
  };
  return {
    ...{ name, version, engine: "tensorgrad", schema, batched },
    async infer(map: TensorMap): Promise<TensorMap> {
      const values = call(schema.inputs.map((spec) => map[spec.name]));
      return Object.fromEntries(schema.outputs.map((spec, i) => [spec.name, values[i]]));
    },
  };
}

type Call = (inputs: readonly ArrayValue[]) => ArrayValue[];

/** In evaluation mode, without recording; the tensor heap is left as it was found. */
function caller(model: Model): Call {
  const parts = model instanceof Module ? model.modules().map(([, part]) => part) : null;
  const run = (inputs: readonly Tensor[]): Tensor | readonly Tensor[] => {
    if (typeof model === "function") return model(...inputs);
    if (!parts) return model.forward(...inputs);
    using _ = evaluating(model as Module, parts);
    return model.forward(...inputs);
  };
  return (inputs) => {
    using _ = noGrad();
    using __ = scope();
    const found = run(inputs.map(tensorOf));
    return (isTensor(found) ? [found] : found).map(valueOf);
  };
}

function tensorOf({ dtype, shape, data }: ArrayValue): Tensor {
  if (!isDType(dtype)) throw new TypeError(`infer: ${dtype} ${show(shape)} — tensors hold no ${dtype}`);
  if (isHalf(dtype)) return fromBits(data as Uint16Array, shape, dtype);
  return fromArray(data as Float32Array, shape, { dtype });
}

const valueOf = (x: Tensor): ArrayValue => ({ dtype: x.dtype, shape: [...x.shape], data: x.bits.slice() });

const specsOf = (word: string, values: readonly ArrayValue[]): TensorSpec[] =>
  values.map(({ dtype, shape }, i) => ({ name: values.length === 1 ? word : `${word}_${i}`, dtype, shape }));

/** Twice the rows in must be twice the rows out; a model that refuses another batch is called for each request. */
function giveRowForRow(call: Call, inputs: readonly ArrayValue[], outputs: readonly ArrayValue[]): boolean {
  const rows = inputs[0].shape[0];
  if (!inputs.every(({ shape }) => shape[0] === rows)) return false;
  try {
    const twice = call(inputs.map(doubled));
    return twice.every(
      ({ shape: [count, ...tail] }, i) =>
        outputs[i].shape[0] === rows &&
        count === 2 * rows &&
        tail.join() === outputs[i].shape.slice(1).join(),
    );
  } catch {
    return false;
  }
}

function doubled({ dtype, shape, data }: ArrayValue): ArrayValue {
  const twice = [...(data as Float64Array), ...(data as Float64Array)];
  return {
    dtype,
    shape: [2 * shape[0], ...shape.slice(1)],
    data: (data.constructor as typeof Float64Array).from(twice),
  };
}
