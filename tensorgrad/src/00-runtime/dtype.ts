/** The element types of tensors: how they are stored, and which one a mix of two becomes. */

import { isHalf } from "./half.ts";

export type DType = "float32" | "float64" | "float16" | "bfloat16" | "int32" | "int8" | "uint8" | "bool";

/** What elements are stored in; those of float16 and bfloat16 as their bits. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Int8Array | Uint8Array | Uint16Array;

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int32: Int32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/** Bytes per element. Every allocation comes by here, so this is where a name that is no dtype is refused. */
export function bytesPerElement(dtype: DType): number {
  const array = arrays[dtype];
  if (array) return array.BYTES_PER_ELEMENT;
  throw new TypeError(`dtype ${JSON.stringify(dtype)} — dtypes are ${Object.keys(arrays).join(", ")}`);
}

/** A view of `length` elements at a byte address; nothing is copied. */
export const viewOf = (dtype: DType, buffer: ArrayBufferLike, pointer: number, length: number): TypedArray =>
  new arrays[dtype](buffer as ArrayBuffer, pointer, length);

/** Whether this is the name of a dtype. */
export const isDType = (name: unknown): name is DType =>
  typeof name === "string" && Object.hasOwn(arrays, name);

/** Whether elements of this dtype are fractions: float32, float64 and those of 16 bits. */
export const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float64" || isHalf(dtype);

/** The order of promotion: the later of two types holds (nearly) every value of the earlier one. */
const ladder: readonly DType[] = [
  "bool",
  "uint8",
  "int8",
  "int32",
  "float16",
  "bfloat16",
  "float32",
  "float64",
];

/**
 * The type of `a op b` for tensors of types `a` and `b`: the later one in bool < uint8 < int8 < int32 < float16, bfloat16
 * < float32 < float64. Where neither type holds the other, the next one that holds both: int32 for uint8 and int8,
 * float32 for float16 and bfloat16.
 */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  if (isHalf(a) && isHalf(b)) return "float32";
  const later = ladder[Math.max(ladder.indexOf(a), ladder.indexOf(b))] as DType;
  return later === "int8" && (a === "uint8" || b === "uint8") ? "int32" : later;
}

/** The dtype whose elements a typed array stores; null for arrays that no dtype is stored in. */
export function dtypeOfArray(data: unknown): DType | null {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Int8Array) return "int8";
  return data instanceof Uint8Array || data instanceof Uint8ClampedArray ? "uint8" : null;
}

/** Numbered for the headers of heap blocks. */
export const dtypeCode = (dtype: DType): number => ladder.indexOf(dtype);
export const dtypeFromCode = (code: number): DType => ladder[code] as DType;
