import { halfBits, halfValue, isHalf, type TypedArray } from "../../00-runtime/index.ts";

/** Where the elements of an array outside the tensor heap are kept. */
export type HostData =
  | TypedArray
  | Int16Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

interface ElementType {
  /** TensorProto.DataType. */
  readonly code: number;
  readonly make: (size: number) => HostData;
  /** Bytes of one element in a file; 0 where elements have no fixed size. */
  readonly bytes: number;
}

const typed = (
  code: number,
  array: { new (n: number): HostData; BYTES_PER_ELEMENT: number },
): ElementType => ({
  code,
  make: (size) => new array(size),
  bytes: array.BYTES_PER_ELEMENT,
});

/** Every element type that the importer reads. Halves are kept as float32 numbers that a half can hold. */
export const elementTypes = {
  float32: typed(1, Float32Array),
  uint8: typed(2, Uint8Array),
  int8: typed(3, Int8Array),
  uint16: typed(4, Uint16Array),
  int16: typed(5, Int16Array),
  int32: typed(6, Int32Array),
  int64: typed(7, BigInt64Array),
  string: { code: 8, make: (size) => new Array<string>(size).fill(""), bytes: 0 },
  bool: typed(9, Uint8Array),
  float16: { code: 10, make: (size) => new Float32Array(size), bytes: 2 },
  float64: typed(11, Float64Array),
  uint32: typed(12, Uint32Array),
  uint64: typed(13, BigUint64Array),
  bfloat16: { code: 16, make: (size) => new Float32Array(size), bytes: 2 },
} as const satisfies Record<string, ElementType>;

/** The types of ONNX that are read. */
export type ElementName = keyof typeof elementTypes;

/** Names of all codes in ONNX, for messages. */
const names: Readonly<Record<number, string>> = {
  14: "complex64",
  15: "complex128",
  17: "float8e4m3fn",
  18: "float8e4m3fnuz",
  19: "float8e5m2",
  20: "float8e5m2fnuz",
  21: "uint4",
  22: "int4",
  23: "float4e2m1",
};

export function elementTypeOf(code: number): ElementName | undefined {
  return (Object.keys(elementTypes) as ElementName[]).find((name) => elementTypes[name].code === code);
}

/** `complex64`, or the number of a type that nobody knows. */
export const nameOfCode = (code: number): string => elementTypeOf(code) ?? names[code] ?? `type ${code}`;

/** More elements than this are a mistake in a file: shapes, indices and strings are what is kept outside the tensor heap. */
const MOST = 2 ** 27;

export function newData(dtype: ElementName, size: number): HostData {
  if (size >= 0 && size <= MOST) return elementTypes[dtype].make(size);
  throw new RangeError(`${size} elements of ${dtype} — at most ${MOST} are kept outside the tensor heap`);
}

/** What storing in this type makes of a number; typed arrays do the rest themselves. */
export const rounded = (dtype: ElementName, x: number): number =>
  isHalf(dtype) ? halfValue(halfBits(x, dtype), dtype) : x;
