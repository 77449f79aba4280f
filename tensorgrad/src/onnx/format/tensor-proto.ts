import { FormatError, halfValue, isHalf, show } from "../../00-runtime/index.ts";
import {
  type ElementName,
  elementTypeOf,
  elementTypes,
  type HostData,
  nameOfCode,
  newData,
} from "./element-types.ts";
import type { Message } from "./schema.ts";

/** An array outside the tensor heap: whole numbers of 64 bits as bigints, halves as float32, strings as strings. */
export interface HostArray {
  readonly dtype: ElementName;
  readonly shape: readonly number[];
  readonly data: HostData;
}

/** Reads the bytes that a tensor keeps in another file. */
export type External = (entries: ReadonlyMap<string, string>, bytes: number, call: string) => Uint8Array;

/**
 * The array inside a TensorProto of any type that is known here.
 *
 * Throws    FormatError for unknown types, sizes that are negative or do not match the data; before memory is taken
 */
export function hostArrayOf(proto: Message<"Tensor">, what: string, external?: External): HostArray {
  const dtype = elementTypeOf(proto.dataType ?? 0);
  const shape = proto.dims.map(Number);
  const call = `${what} ${show(shape)}`;
  if (!dtype)
    throw new FormatError(
      `${call}: data type ${nameOfCode(proto.dataType ?? 0)} — known are ${Object.keys(elementTypes).join(", ")}`,
    );
  if (shape.some((n) => !(Number.isInteger(n) && n >= 0)))
    throw new FormatError(`${call}: a negative size — the sizes of stored data are 0 or more`);
  const size = shape.reduce((product, n) => product * n, 1);
  const { bytes } = elementTypes[dtype];
  if (proto.dataLocation === 1) {
    if (!external || bytes === 0)
      throw new FormatError(
        `${call}: kept in another file — open the model by its path, or give { readFile }`,
      );
    const entries = new Map(proto.externalData.map(({ key = "", value = "" }) => [key, value]));
    return { dtype, shape, data: fromBytes(dtype, external(entries, size * bytes, call), size, call) };
  }
  const data = proto.rawData
    ? fromBytes(dtype, proto.rawData, size, call)
    : fromLists(dtype, proto, size, call);
  return { dtype, shape, data };
}

function fromBytes(dtype: ElementName, raw: Uint8Array, size: number, call: string): HostData {
  const { bytes } = elementTypes[dtype];
  if (bytes === 0) throw new FormatError(`${call}: raw bytes of ${dtype} — strings come as a list`);
  if (raw.length !== size * bytes)
    throw new FormatError(
      `${call}: ${raw.length} bytes of ${dtype} — the shape asks for ${size * bytes}, ${bytes} for each element`,
    );
  const data = newData(dtype, size);
  if (isHalf(dtype)) {
    const halves = new Uint16Array(new Uint8Array(raw).buffer); // a copy is aligned, the file is not
    for (let i = 0; i < size; i++) data[i] = halfValue(halves[i], dtype);
  } else {
    const { buffer, byteOffset } = data as Uint8Array;
    new Uint8Array(buffer, byteOffset, raw.length).set(raw);
  }
  return data;
}

/** The list of a TensorProto that carries elements of this type. */
function listOf(dtype: ElementName, proto: Message<"Tensor">): readonly (number | bigint | Uint8Array)[] {
  if (dtype === "float32") return proto.floatData;
  if (dtype === "float64") return proto.doubleData;
  if (dtype === "int64") return proto.int64Data;
  if (dtype === "uint32" || dtype === "uint64") return proto.uint64Data;
  return dtype === "string" ? proto.stringData : proto.int32Data;
}

const utf8 = new TextDecoder();

function fromLists(dtype: ElementName, proto: Message<"Tensor">, size: number, call: string): HostData {
  const list = listOf(dtype, proto);
  if (list.length !== size)
    throw new FormatError(`${call}: ${list.length} values of ${dtype} — the shape asks for ${size}`);
  const data = newData(dtype, size) as unknown[];
  const value = readers[dtype] ?? ((x: never) => x as unknown);
  for (let i = 0; i < size; i++) data[i] = value(list[i] as never);
  return data as HostData;
}

/** From the element of a list to what the array holds, where that is not the same. */
const readers: Partial<Record<ElementName, (x: never) => unknown>> = {
  int64: (x: number | bigint) => BigInt(x),
  uint64: (x: number | bigint) => BigInt(x),
  string: (x: Uint8Array) => utf8.decode(x),
  float16: (x: number) => halfValue(x, "float16"),
  bfloat16: (x: number) => halfValue(x, "bfloat16"),
};
