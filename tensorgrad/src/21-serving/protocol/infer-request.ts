import type { ArrayValue } from "../../onnx/index.ts";
import { Refusal } from "../refusal.ts";
import type { ModelSchema, TensorMap } from "../types.ts";
import { readJson } from "./json-body.ts";
import { readTensor, type WireTensor } from "./tensors.ts";

/** An `infer` request of the Open Inference Protocol, read and checked. */
export interface InferRequest {
  /** The client's own; given back. */
  readonly id: string | undefined;
  readonly inputs: TensorMap;
  /** The outputs asked for, in their order, and whether as bytes. */
  readonly outputs: readonly { readonly name: string; readonly binary: boolean }[];
}

type Json = Readonly<Record<string, unknown>>;

const refuse = (what: string): never => {
  throw new Refusal(400, `infer: ${what}`);
};

/**
 * Reads JSON, and the bytes of tensors behind it where the header `Inference-Header-Content-Length` says how long the JSON is.
 *
 * Throws    Refusal 400 for what does not fit the schema
 * Source    Open Inference Protocol v2, with the binary tensor data extension
 */
export function readInferRequest(
  schema: ModelSchema,
  body: Uint8Array,
  headerLength: string | undefined,
  { nonFinite = false }: { readonly nonFinite?: boolean } = {},
): InferRequest {
  const { request, bytes } = divide(body, headerLength);
  if (request.id !== undefined && typeof request.id !== "string") refuse("id — a string");
  const { inputs, outputs, parameters } = request;
  if (!Array.isArray(inputs))
    refuse('no "inputs" — a list of tensors, each with name, shape, datatype and data');
  const tensors = withBytes(inputs as unknown[], bytes);
  checkNames(schema, tensors);
  const read = (wire: WireTensor): ArrayValue => {
    const spec = schema.inputs.find(({ name }) => name === wire.name);
    return readTensor(wire, spec as (typeof schema.inputs)[0], { nonFinite, limit: body.length });
  };
  const values = tensors.map((wire) => [wire.name, read(wire)] as const);
  const rows = new Set(values.map(([, { shape }]) => shape[0]));
  if (rows.size > 1 && schema.inputs.every(({ shape }) => shape[0] === -1))
    refuse(`inputs of ${[...rows].join(" and ")} rows — dim 0 is the batch, the same for all`);
  const binary = isObject(parameters) && parameters.binary_data_output === true;
  return {
    id: request.id as string | undefined,
    inputs: Object.fromEntries(values),
    outputs: wanted(schema, outputs, binary),
  };
}

function divide(body: Uint8Array, headerLength: string | undefined): { request: Json; bytes: Uint8Array } {
  const length = headerLength === undefined ? body.length : Number(headerLength);
  if (!(Number.isInteger(length) && length >= 0 && length <= body.length))
    refuse(
      `Inference-Header-Content-Length ${JSON.stringify(headerLength)}, a body of ${body.length} bytes — the length of the JSON in it`,
    );
  return { request: parse(body.subarray(0, length)), bytes: body.subarray(length) };
}

function parse(bytes: Uint8Array): Json {
  try {
    const value = readJson(bytes);
    return isObject(value) ? value : refuse("the body is no JSON object");
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    return refuse(
      `the body is no JSON — ${(cause as Error).message}; NaN has no place in it, send a binary tensor`,
    );
  }
}

/** Gives every tensor that has no numbers its stretch of the bytes: in the order of the list, each as long as it says. */
function withBytes(inputs: readonly unknown[], bytes: Uint8Array): WireTensor[] {
  let at = 0;
  const tensors = inputs.map((given, i) => {
    if (!isObject(given) || typeof given.name !== "string") return refuse(`input ${i} — a tensor has a name`);
    const wire = given as unknown as WireTensor;
    const length = isObject(given.parameters) ? given.parameters.binary_data_size : undefined;
    if (length === undefined) return wire;
    const from = at;
    at += Number(length);
    if (!(Number.isInteger(length) && (length as number) >= 0 && at <= bytes.length))
      refuse(
        `input ${JSON.stringify(wire.name)}: binary_data_size ${JSON.stringify(length)}, ${bytes.length - from} bytes are left — the body is cut off, or the size is wrong`,
      );
    return { ...wire, data: bytes.subarray(from, at) };
  });
  if (at !== bytes.length)
    refuse(`${bytes.length - at} bytes behind the last tensor — sizes and bytes must agree`);
  return tensors;
}

function checkNames({ inputs }: ModelSchema, given: readonly WireTensor[]): void {
  const names = given.map(({ name }) => name);
  const expected = inputs.map(({ name }) => name);
  if (names.length === expected.length && expected.every((name) => names.includes(name))) return;
  const said = names.map((name) => JSON.stringify(name.slice(0, 100))).slice(0, 10);
  refuse(
    `inputs ${said.join(", ") || "none"} — the model takes ${expected.map((name) => JSON.stringify(name)).join(", ")}`,
  );
}

function wanted({ outputs }: ModelSchema, given: unknown, binary: boolean): InferRequest["outputs"] {
  if (given === undefined) return outputs.map(({ name }) => ({ name, binary }));
  if (!Array.isArray(given)) return refuse("outputs — a list of { name }");
  return given.map((one: unknown) => {
    const name = isObject(one) ? one.name : undefined;
    if (!outputs.some((spec) => spec.name === name))
      return refuse(
        `output ${JSON.stringify(name)?.slice(0, 100)} — the model gives ${outputs.map((spec) => spec.name).join(", ")}`,
      );
    const parameters = isObject(one) && isObject(one.parameters) ? one.parameters : {};
    const asBytes = typeof parameters.binary_data === "boolean" ? parameters.binary_data : binary;
    return { name: name as string, binary: asBytes };
  });
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
