import type * as ort from "onnxruntime-node";
import { checked, expectArgument, FormatError, show } from "../../00-runtime/index.ts";
import type { ArrayValue } from "../../onnx/index.ts";
import type { ModelSchema, ServedModel, TensorMap, TensorSpec } from "../types.ts";
import { sameFirstDim, specFrom } from "./specs.ts";

/** Options of `onnxRuntimeModel`. */
export interface OnnxRuntimeOptions {
  readonly name?: string;
  readonly version?: string;
  /** Of ONNX Runtime, for one call. */
  readonly threads?: number;
}

/**
 * An ONNX model in ONNX Runtime, an optional peer.
 *
 * Requests share a call where the first dim of every input and output is one and the same symbol.
 *
 * Throws    Error where onnxruntime-node cannot be loaded; FormatError for a file that it refuses, or types that are not served
 */
export async function onnxRuntimeModel(
  bytes: Uint8Array,
  options: OnnxRuntimeOptions = {},
): Promise<ServedModel> {
  const {
    name = "model",
    version = "1",
    threads = 1,
  } = checked("onnxRuntimeModel", options, ["name", "version", "threads"]);
  expectArgument(
    (bytes as unknown) instanceof Uint8Array,
    "onnxRuntimeModel",
    "bytes",
    bytes,
    "a Uint8Array",
  );
  const runtime = await loadRuntime();
  const session = await open(runtime, bytes, threads);
  const { inputMetadata, outputMetadata } = session;
  const specs = (all: readonly ort.InferenceSession.ValueMetadata[]) =>
    all.map((one) => specFrom(one.name, one.isTensor ? one.type : null, one.isTensor ? one.shape : null));
  const schema: ModelSchema = { inputs: specs(inputMetadata), outputs: specs(outputMetadata) };
  const batched = sameFirstDim(
    [...inputMetadata, ...outputMetadata].map((one) => (one.isTensor ? one.shape : null)),
  );
  return {
    ...{ name, version, engine: "onnxruntime", schema, batched },
    async infer(map: TensorMap): Promise<TensorMap> {
      const feeds = Object.entries(map).map(([key, value]) => [key, toRuntime(runtime, value)]);
      const found = await session.run(Object.fromEntries(feeds));
      const values = schema.outputs.map((spec) => [spec.name, fromRuntime(spec, found[spec.name])]);
      return Object.fromEntries(values);
    },
    close: () => session.release(),
  };
}

/** Throws  Error that says how to install it */
async function loadRuntime(): Promise<typeof ort> {
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw new Error(
      'serve: onnxruntime-node cannot be loaded — npm install --ignore-scripts onnxruntime-node, or pass { engine: "tensorgrad" }',
      { cause },
    );
  }
}

async function open(runtime: typeof ort, bytes: Uint8Array, threads: number): Promise<ort.InferenceSession> {
  try {
    return await runtime.InferenceSession.create(new Uint8Array(bytes), {
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`serve: ONNX Runtime refuses the model of ${bytes.length} bytes — ${why}`, {
      cause,
    });
  }
}

const toRuntime = (runtime: typeof ort, { dtype, shape, data }: ArrayValue): ort.Tensor =>
  new runtime.Tensor(dtype as "float32", data as Float32Array, shape);

function fromRuntime({ name, dtype }: TensorSpec, found: ort.Tensor): ArrayValue {
  if (found.type !== dtype)
    throw new TypeError(
      `infer: output "${name}" is ${found.type} ${show(found.dims)} — the model says ${dtype}`,
    );
  return { dtype, shape: [...found.dims], data: found.data as ArrayValue["data"] };
}
