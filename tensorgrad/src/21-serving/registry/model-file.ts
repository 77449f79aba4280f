import { FormatError } from "../../00-runtime/index.ts";
import { describeTensors, type TensorInfo } from "../../07-training/index.ts";
import { dataTypes, decodeModel, type Message, type OnnxDType } from "../../onnx/index.ts";
import type { TensorSpec } from "../types.ts";

/**
 * What a version takes and gives. An ONNX file says so itself; a file of weights has their names, and what the model around
 * them takes is known only where somebody said it.
 */
export interface VersionSchema {
  readonly inputs: readonly TensorSpec[] | null;
  readonly outputs: readonly TensorSpec[] | null;
  readonly weights: readonly TensorInfo[] | null;
}

/** What a registered file is. */
export type ModelKind = "safetensors" | "onnx";

/**
 * What a model's file is, told by its content, and the schema that it declares.
 *
 * Throws    FormatError for a file that is neither safetensors nor ONNX, or damaged
 */
export function examine(bytes: Uint8Array, call: string): { kind: ModelKind; schema: VersionSchema } {
  // A safetensors file is the length of its header in 8 bytes, then JSON.
  if (bytes.length > 8 && bytes[8] === BRACE) {
    return {
      kind: "safetensors",
      schema: { inputs: null, outputs: null, weights: describeTensors(bytes, call) },
    };
  }
  return { kind: "onnx", schema: schemaOf(decoded(bytes, call), call) };
}

const BRACE = 0x7b;

function decoded(bytes: Uint8Array, call: string): Message<"Graph"> {
  let graph: Message<"Graph"> | undefined;
  let cause: unknown;
  try {
    graph = decodeModel(bytes).graph;
  } catch (error) {
    cause = error;
  }
  if (graph && graph.output.length > 0) return graph;
  throw new FormatError(
    `${call}: ${bytes.length} bytes that are neither a safetensors file nor an ONNX model — a version is one of the two; ` +
      "save it with saveTensors or exportOnnx, or copy the file anew if it was cut off",
    { cause },
  );
}

function schemaOf({ input, output, initializer }: Message<"Graph">, call: string): VersionSchema {
  const constants = new Set(initializer.map(({ name }) => name));
  const specs = (values: readonly Message<"ValueInfo">[]) => values.map((value) => specOf(value, call));
  return {
    inputs: specs(input.filter(({ name }) => !constants.has(name))), // old files list their weights as inputs, too
    outputs: specs(output),
    weights: null,
  };
}

const dtypes: ReadonlyMap<number, OnnxDType> = new Map(
  Object.entries(dataTypes).map(([name, code]) => [code, name as OnnxDType]),
);

function specOf({ name = "", type }: Message<"ValueInfo">, call: string): TensorSpec {
  const { elemType = 0, shape } = type?.tensorType ?? {};
  const dtype = dtypes.get(elemType);
  if (dtype === undefined) {
    throw new FormatError(
      `${call}: ${JSON.stringify(name)} has ONNX's data type ${elemType} — one that no tensor here has`,
    );
  }
  return { name, dtype, shape: (shape?.dim ?? []).map(({ dimValue }) => Number(dimValue ?? -1)) };
}
