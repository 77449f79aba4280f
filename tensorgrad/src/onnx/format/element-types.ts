import type { TypedArray } from "../../00-runtime/index.ts";

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

const bits = new Uint32Array(1);
const number = new Float32Array(bits.buffer);

/** The value of the 16 bits of an IEEE half. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** To the nearest number that an IEEE half holds; halfway to the even one. */
export function toFloat16(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(x))));
  const step = 2 ** (exponent - 10);
  const rounded = even(x / step) * step;
  return Math.abs(rounded) >= 65520 ? Math.sign(x) * Number.POSITIVE_INFINITY : rounded;
}

function even(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

export function fromBfloat16(half: number): number {
  bits[0] = half << 16;
  return number[0];
}

/** To the nearest number of 8 significant bits; halfway to the even one. */
export function toBfloat16(x: number): number {
  number[0] = x;
  if (Number.isNaN(number[0])) return Number.NaN;
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000;
  return number[0];
}

/** What storing in this type makes of a number; typed arrays do the rest themselves. */
export function rounded(dtype: ElementName, x: number): number {
  if (dtype === "float16") return toFloat16(x);
  return dtype === "bfloat16" ? toBfloat16(x) : x;
}
