import type * as ort from "onnxruntime-node";
import type { Tensor } from "tensorgrad";
import { type ArrayValue, decodeModel, type OnnxDType } from "tensorgrad/onnx";
import { checked } from "tensorgrad/runtime";
import { asTensor } from "./replay.ts";
import { loadRuntime } from "./runtime-library.ts";

/** Options of `runOnnx` and `OnnxSession`. */
export interface OnnxOptions {
  /** How far ONNX Runtime rewrites the graph first. `disabled` compares operation by operation, as written. */
  readonly optimization?: "disabled" | "basic" | "extended" | "all";
  /** Of ONNX Runtime. */
  readonly threads?: number;
}

export const ONNX_OPTIONS = ["optimization", "threads"] as const;

/** One tensor (or plain array with dtype and shape), a list in the order of the model's inputs, or by name. */
export type OnnxInputs = ArrayValue | readonly ArrayValue[] | Readonly<Record<string, ArrayValue>>;

/**
 * Runs an ONNX model once in ONNX Runtime, on the CPU.
 *
 * Returns   the outputs by name, in the order of the model; int64 comes back as int32
 * Throws    if onnxruntime-node is not installed, if ONNX Runtime refuses the model, or if inputs do not match
 */
export async function runOnnx(
  bytes: Uint8Array,
  inputs: OnnxInputs,
  options: OnnxOptions = {},
): Promise<Record<string, Tensor>> {
  await using session = await OnnxSession.open(bytes, checked("runOnnx", options, ONNX_OPTIONS));
  return await session.run(inputs);
}

/** A loaded model, to be run many times. */
export class OnnxSession {
  readonly #runtime: typeof ort;
  readonly #session: ort.InferenceSession;
  readonly #bytes: Uint8Array;

  private constructor(runtime: typeof ort, session: ort.InferenceSession, bytes: Uint8Array) {
    [this.#runtime, this.#session, this.#bytes] = [runtime, session, bytes];
  }

  /** Loads a model into ONNX Runtime. */
  static async open(bytes: Uint8Array, options: OnnxOptions = {}): Promise<OnnxSession> {
    checked("OnnxSession.open", options, ONNX_OPTIONS);
    const own = new Uint8Array(bytes); // read later, on another turn of the event loop: nobody else may write to it
    const runtime = await loadRuntime();
    try {
      const session = await runtime.InferenceSession.create(own, sessionOptions(options));
      return new OnnxSession(runtime, session, own);
    } catch (cause) {
      throw refusal("ONNX Runtime refuses the model", own, cause);
    }
  }

  /** The names of its inputs, in the order of the file. */
  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  /** The names of its outputs, in the order of the file. */
  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /** The outputs by name, as tensors. */
  async run(inputs: OnnxInputs): Promise<Record<string, Tensor>> {
    const fetched = Object.entries(await this.fetch(inputs));
    for (const [name, { dtype }] of fetched) requireReadable(name, dtype);
    return Object.fromEntries(fetched.map(([name, value]) => [name, asTensor(value)]));
  }

  /** The outputs by name, as plain arrays outside the tensor heap. */
  async fetch(inputs: OnnxInputs): Promise<Record<string, ArrayValue>> {
    const feeds: Record<string, ort.Tensor> = {};
    for (const [name, value] of Object.entries(byName(inputs, this.inputNames))) {
      const metadata = this.#session.inputMetadata.find((input) => input.name === name);
      feeds[name] = toRuntime(this.#runtime, name, value, metadata?.isTensor ? metadata.type : "no tensor");
    }
    let fetched: ort.InferenceSession.ReturnType;
    try {
      fetched = await this.#session.run(feeds);
    } catch (cause) {
      throw refusal("ONNX Runtime stopped", this.#bytes, cause);
    }
    return Object.fromEntries(this.outputNames.map((name) => [name, plain(fetched[name])]));
  }

  /** `await using session = …` gives ONNX Runtime's memory back at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

const sessionOptions = ({
  optimization = "disabled",
  threads = 1,
}: OnnxOptions): ort.InferenceSession.SessionOptions => ({
  executionProviders: ["cpu"],
  graphOptimizationLevel: optimization,
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  logSeverityLevel: 4, // what goes wrong is in the error it throws; the log would only say it again
});

function byName(inputs: OnnxInputs, names: readonly string[]): Record<string, ArrayValue> {
  const list = isArray(inputs) ? [inputs] : inputs;
  const given: Record<string, ArrayValue> = isList(list)
    ? Object.fromEntries(list.map((value, i) => [names[i] ?? `input ${i}`, value]))
    : { ...list };
  const found = Object.keys(given);
  if (found.length !== names.length || names.some((name) => !(name in given))) {
    throw new TypeError(
      `runOnnx: inputs ${found.join(", ") || "none"} — the model takes ${names.join(", ")}`,
    );
  }
  return given;
}

const isArray = (inputs: OnnxInputs): inputs is ArrayValue =>
  "dtype" in inputs && typeof inputs.dtype === "string";
const isList = (inputs: OnnxInputs): inputs is readonly ArrayValue[] => Array.isArray(inputs);

/** Tensors live in shared memory, which ONNX Runtime does not take; `slice` copies into memory of its own. */
function toRuntime(runtime: typeof ort, name: string, value: ArrayValue, type: string): ort.Tensor {
  const { data, shape, dtype } = value;
  if (type === "int64" && dtype === "int32") {
    return new runtime.Tensor("int64", BigInt64Array.from(data as Int32Array, BigInt), shape);
  }
  if (type !== dtype) throw new TypeError(`runOnnx: ${dtype} for input ${name} — the model takes ${type}`);
  return new runtime.Tensor(dtype as "float32", stored(value).slice() as Float32Array, shape);
}

/** The elements as they lie in memory: of a tensor in 16 bits, `data` is a copy in float32. */
const stored = (value: ArrayValue): ArrayValue["data"] =>
  "bits" in value ? (value as Tensor).bits : value.data;

const plain = ({ type, dims, data }: ort.Tensor): ArrayValue => ({
  dtype: type as OnnxDType,
  shape: dims,
  data: data as Tensor["data"],
});

const readable = ["float32", "float64", "float16", "int32", "bool", "int8", "uint8"];

function requireReadable(name: string, dtype: string): void {
  if (dtype === "int64" || readable.includes(dtype)) return;
  throw new TypeError(`runOnnx: output ${name} is ${dtype} — a tensor can be ${readable.join(", ")}`);
}

const messageOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).replaceAll(/\s+/g, " ");

/** ONNX Runtime's own message, and the node it speaks of. */
function refusal(what: string, bytes: Uint8Array, cause: unknown): Error {
  const message = messageOf(cause);
  return new Error(`runOnnx: ${what}: ${message} — ${context(bytes, message)}`, { cause });
}

function context(bytes: Uint8Array, message: string): string {
  let model: ReturnType<typeof decodeModel>;
  try {
    model = decodeModel(bytes);
  } catch (error) {
    return messageOf(error);
  }
  const nodes = model.graph?.node ?? [];
  const named = nodes.filter(({ name }) => name && message.includes(name));
  const node = named.sort((a, b) => (b.name?.length ?? 0) - (a.name?.length ?? 0))[0];
  const opset = model.opsetImport.map(({ version }) => version).join(", ");
  const whole = `a model of opset ${opset} with ${nodes.length} node${nodes.length === 1 ? "" : "s"}`;
  return node ? `${whole}; node ${node.name} = ${node.opType}(${node.input.join(", ")})` : whole;
}
