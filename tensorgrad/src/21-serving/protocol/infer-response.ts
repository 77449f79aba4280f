import type { ArrayValue } from "../../onnx/index.ts";
import { Refusal } from "../refusal.ts";
import type { Answer } from "../types.ts";
import { DATATYPES, firstNonFinite } from "./datatypes.ts";
import type { InferRequest } from "./infer-request.ts";

/** The body of an answer, and how much of it is JSON where bytes follow. */
export interface InferBody {
  readonly body: string | Buffer;
  readonly jsonLength: number | null;
}

/** Throws  Refusal 500 for numbers that JSON cannot say: they would silently become null */
export function writeInferResponse(
  model: string,
  { version, outputs }: Answer,
  request: InferRequest,
): InferBody {
  const blobs: Buffer[] = [];
  const tensors = request.outputs.map(({ name, binary }) => {
    const { dtype, shape, data } = outputs[name];
    const head = { name, shape, datatype: DATATYPES[dtype].wire };
    if (!binary) return { ...head, data: toJson(name, outputs[name]) };
    const bytes = Buffer.from(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    blobs.push(bytes);
    return { ...head, parameters: { binary_data_size: bytes.length } };
  });
  const id = request.id === undefined ? {} : { id: request.id };
  const json = JSON.stringify({ model_name: model, model_version: version, ...id, outputs: tensors });
  if (!request.outputs.some(({ binary }) => binary)) return { body: json, jsonLength: null };
  const head = Buffer.from(json);
  return { body: Buffer.concat([head, ...blobs]), jsonLength: head.length };
}

function toJson(name: string, { dtype, data }: ArrayValue): (number | boolean)[] {
  const place = firstNonFinite(data);
  if (place >= 0)
    throw new Refusal(
      500,
      `infer: output ${JSON.stringify(name)}: ${data[place]} at element ${place} — JSON has no such number; ask for { binary_data: true }`,
    );
  if (dtype === "bool") return Array.from(data as Uint8Array, (byte) => byte !== 0);
  if (!(data instanceof BigInt64Array)) return Array.from(data);
  return Array.from(data, (value) => {
    const near = Number(value);
    if (Number.isSafeInteger(near)) return near;
    throw new Refusal(
      500,
      `infer: output ${JSON.stringify(name)}: ${value} — JSON holds no such integer; ask for { binary_data: true }`,
    );
  });
}
