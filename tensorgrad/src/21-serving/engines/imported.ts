import { checked, scope } from "../../00-runtime/index.ts";
import { noGrad } from "../../05-autograd/index.ts";
import { type ArrayValue, type Declared, importOnnx, type Value } from "../../onnx/index.ts";
import type { ServedModel, TensorMap } from "../types.ts";
import { sameFirstDim, specFrom } from "./specs.ts";

/**
 * An ONNX model that computes with this library.
 *
 * Throws    FormatError for what is no ONNX model, for operators that are not known here, and for types that are not served
 */
export function importedModel(
  bytes: Uint8Array,
  options: { readonly name?: string; readonly version?: string } = {},
): ServedModel {
  const { name = "model", version = "1" } = checked("importedModel", options, ["name", "version"]);
  const model = importOnnx(bytes);
  const specs = (all: readonly Declared[]) => all.map((one) => specFrom(one.name, one.dtype, one.shape));
  const schema = { inputs: specs(model.inputs), outputs: specs(model.outputs) };
  const batched = sameFirstDim([...model.inputs, ...model.outputs].map(({ shape }) => shape));
  return {
    ...{ name, version, engine: "tensorgrad", schema, batched },
    async infer(map: TensorMap): Promise<TensorMap> {
      using _ = noGrad();
      using __ = scope();
      const found = model.run(map);
      return Object.fromEntries(schema.outputs.map((spec) => [spec.name, copyOf(found[spec.name])]));
    },
  };
}

/** Out of the tensor heap. The schema says that it is an array, and of a type that is served. */
function copyOf(value: Value): ArrayValue {
  const { dtype, shape, data } = value as ArrayValue;
  return { dtype, shape: [...shape], data: data.slice() };
}
