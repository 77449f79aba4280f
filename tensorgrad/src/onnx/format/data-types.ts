import {
  type DType,
  expectArgument,
  FormatError,
  halfBits,
  isHalf,
  isList,
  show,
  type TypedArray,
} from "../../00-runtime/index.ts";
import type { Message, MessageDraft } from "./schema.ts";

/** TensorProto.DataType for every dtype of a tensor; int64 appears only in shapes, axes and indices. */
export const dataTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
} as const satisfies Record<DType | "int64", number>;

/** What an exported file says of an initializer that nobody trains. */
export const CONSTANT = "constant";

/** The types that an export writes. */
export type OnnxDType = keyof typeof dataTypes;

/** An array and what it means: everything a TensorProto says, and a `Tensor` is one too. */
export interface ArrayValue {
  readonly dtype: OnnxDType;
  readonly shape: readonly number[];
  /** Of float16 and bfloat16 the bits. */
  readonly data: TypedArray | BigInt64Array;
}

export function dtypeOf(code: number): OnnxDType | undefined {
  return (Object.keys(dataTypes) as OnnxDType[]).find((name) => dataTypes[name] === code);
}

/** Raw bytes are little-endian in ONNX, as they are on every machine with WebAssembly in shared memory. */
export function tensorProto(name: string, { dtype, shape, data }: ArrayValue): MessageDraft<"Tensor"> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims: shape, dataType: dataTypes[dtype], rawData: bytes };
}

const arrays = {
  float32: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  float16: Uint16Array,
  float64: Float64Array,
  bfloat16: Uint16Array,
} as const satisfies Record<OnnxDType, unknown>;

/**
 * The array inside a TensorProto, whichever field carries it.
 *
 * Throws    FormatError for types that no tensor has, for data kept in other files, and for a wrong byte count
 */
export function arrayOf(proto: Message<"Tensor">): ArrayValue {
  expectArgument(isList(proto?.dims), "arrayOf", "proto", proto, "a TensorProto, as decodeModel gives it");
  const dtype = dtypeOf(proto.dataType ?? 0);
  const shape = proto.dims.map(Number);
  const call = `decodeModel, tensor "${proto.name ?? ""}" ${show(shape)}`;
  if (!dtype)
    throw new FormatError(
      `${call}: data type ${proto.dataType} — readable are ${Object.keys(dataTypes).join(", ")}`,
    );
  if (proto.dataLocation === 1)
    throw new FormatError(`${call}: kept in another file — only data inside the model is read`);
  const data = proto.rawData ? fromBytes(dtype, proto.rawData, call) : fromLists(dtype, proto);
  const size = shape.reduce((product, n) => product * n, 1);
  if (data.length !== size)
    throw new FormatError(`${call}: ${data.length} values of ${dtype} — the shape asks for ${size}`);
  return { dtype, shape, data };
}

function fromBytes(dtype: OnnxDType, bytes: Uint8Array, call: string): TypedArray | BigInt64Array {
  const width = arrays[dtype].BYTES_PER_ELEMENT;
  if (bytes.length % width)
    throw new FormatError(`${call}: ${bytes.length} bytes — a ${dtype} takes ${width} each`);
  return new arrays[dtype](new Uint8Array(bytes).buffer); // a copy is aligned, the file is not
}

function fromLists(dtype: OnnxDType, proto: Message<"Tensor">): TypedArray | BigInt64Array {
  if (dtype === "int64") return BigInt64Array.from(proto.int64Data, BigInt);
  if (dtype === "float32") return Float32Array.from(proto.floatData);
  if (dtype === "float64") return Float64Array.from(proto.doubleData);
  return arrays[dtype].from(proto.int32Data);
}

export const typedArray = (dtype: OnnxDType, data: readonly number[]): TypedArray | BigInt64Array =>
  dtype === "int64"
    ? BigInt64Array.from(data, BigInt)
    : arrays[dtype].from(isHalf(dtype) ? data.map((x) => halfBits(x, dtype)) : data);
