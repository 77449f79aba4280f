import { show } from "../../00-runtime/index.ts";
import type { ArrayValue, OnnxDType } from "../../onnx/index.ts";
import { Refusal } from "../refusal.ts";
import type { TensorSpec } from "../types.ts";
import { DATATYPES, firstNonFinite } from "./datatypes.ts";
import { NumberList } from "./number-list.ts";

/** A tensor of a request, as it came. */
export interface WireTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  /** Of JSON: numbers, nested or flat, as `readJson` gives them. Of a binary tensor: its bytes. */
  readonly data: unknown;
}

export interface ReadOptions {
  /** Whether NaN and ±∞ are let through. */
  readonly nonFinite: boolean;
  /** Bytes of the request: a tensor cannot have more elements. */
  readonly limit: number;
}

const refuse = (name: string, what: string): never => {
  throw new Refusal(400, `infer: input ${JSON.stringify(name)}: ${what}`, { param: name });
};

/** A tensor that fits what the model takes. Throws  Refusal 400 */
export function readTensor(
  wire: WireTensor,
  spec: TensorSpec,
  { nonFinite, limit }: ReadOptions,
): ArrayValue {
  const { name, shape, datatype } = wire;
  const { dtype } = spec;
  if (datatype !== DATATYPES[dtype].wire)
    refuse(name, `datatype ${JSON.stringify(datatype)} — the model takes ${DATATYPES[dtype].wire}`);
  checkShape(name, shape, spec);
  const size = shape.reduce((product, n) => product * n, 1);
  if (size > limit)
    refuse(name, `shape ${show(shape)}, ${limit} bytes — the data is shorter than the shape says`);
  const data =
    wire.data instanceof Uint8Array
      ? fromBytes(name, dtype, size, wire.data)
      : fromJson(name, dtype, shape, size, wire.data);
  const place = nonFinite ? -1 : firstNonFinite(data);
  if (place >= 0)
    refuse(
      name,
      `${data[place]} at element ${place} — numbers must be finite; look for what is missing in your data`,
    );
  return { dtype, shape, data };
}

function checkShape(name: string, shape: readonly number[], spec: TensorSpec): void {
  const isShape = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 1);
  const rule = `the model takes ${show(spec.shape)}${spec.shape.includes(-1) ? ", −1 for any size" : ""}`;
  if (!isShape)
    refuse(name, `shape ${JSON.stringify(shape)?.slice(0, 100)} — a list of integers ≥ 1; ${rule}`);
  const fits =
    shape.length === spec.shape.length && shape.every((n, i) => spec.shape[i] === -1 || spec.shape[i] === n);
  if (!fits) refuse(name, `shape ${show(shape)} — ${rule}`);
}

/** Little-endian, as all machines that this library runs on. */
function fromBytes(name: string, dtype: OnnxDType, size: number, bytes: Uint8Array): ArrayValue["data"] {
  const data = new DATATYPES[dtype].array(size);
  if (data.byteLength !== bytes.length)
    refuse(
      name,
      `${bytes.length} bytes — ${size} elements of ${DATATYPES[dtype].wire} take ${data.byteLength}`,
    );
  const raw = new Uint8Array(data.buffer);
  raw.set(bytes);
  const broken = dtype === "bool" ? raw.findIndex((byte) => byte > 1) : -1;
  if (broken >= 0) refuse(name, `byte ${raw[broken]} at element ${broken} — a BOOL is 0 or 1`);
  return data;
}

function fromJson(
  name: string,
  dtype: OnnxDType,
  shape: readonly number[],
  size: number,
  given: unknown,
): ArrayValue["data"] {
  const { array, fill, rule, wire } = DATATYPES[dtype];
  if (given instanceof NumberList && dtype === "float32" && given.length === size) return given.floats;
  if (!Array.isArray(given) && !(given instanceof NumberList))
    return refuse(name, `data ${typeof given} — a list of numbers, flat or nested as the shape`);
  const data = new array(size);
  let at = 0;
  const put = (values: readonly unknown[]): void => {
    const wrong = fill(data, values, at);
    if (wrong >= 0)
      refuse(
        name,
        `${JSON.stringify(values[wrong])?.slice(0, 50)} at element ${at + wrong} — ${wire} is ${rule}`,
      );
    at += values.length;
  };
  const walk = (part: unknown, dim: number): void => {
    const count = dim < 0 ? size : shape[dim];
    const values: unknown = part instanceof NumberList ? part.numbers() : part;
    if (!Array.isArray(values) || values.length !== count)
      refuse(
        name,
        `${Array.isArray(values) ? `${values.length} elements` : typeof values}${dim < 0 ? "" : ` at dim ${dim}`} — shape ${show(shape)} asks for ${count}`,
      );
    const list = values as readonly unknown[];
    if (dim < 0 || dim === shape.length - 1) put(list);
    else for (const one of list) walk(one, dim + 1);
  };
  const isNested = Array.isArray(given) && (Array.isArray(given[0]) || given[0] instanceof NumberList);
  walk(given, isNested ? 0 : -1);
  return data;
}
