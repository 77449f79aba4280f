import { type DType, isFloat, promote, ShapeError, show } from "../../00-runtime/index.ts";
import { fromArray, isTensor, type Tensor, unobserved } from "../../01-tensor/index.ts";
import { type ElementName, newData } from "../format/element-types.ts";
import type { HostArray } from "../format/tensor-proto.ts";

/** Values of a graph: tensors (gradients flow), arrays on the host (shapes, indices, strings), sequences, or nothing. */
export type Value = Tensor | HostArray | Sequence | null;

/** A list of values, as ONNX's sequences are. */
export interface Sequence {
  readonly items: readonly Value[];
}

export const isSequence = (value: Value): value is Sequence => value !== null && "items" in value;

/** A tensor or an array, whichever it is. */
export function arrayIn(value: Value | undefined): Tensor | HostArray {
  if (value && !isSequence(value)) return value;
  throw new TypeError(`${value ? "a sequence" : "nothing"} — the operator needs a tensor here`);
}

export function sequenceIn(value: Value | undefined): readonly Value[] {
  if (value && isSequence(value)) return value.items;
  throw new TypeError(`${value ? "a tensor" : "nothing"} — the operator needs a sequence here`);
}

export const host = (dtype: ElementName, shape: readonly number[], data: HostArray["data"]): HostArray => ({
  dtype,
  shape,
  data,
});

/** Numbers as an array of a type: shapes, counts, indices. */
export function hostNumbers(
  dtype: ElementName,
  shape: readonly number[],
  numbers: ArrayLike<number>,
): HostArray {
  const data = newData(dtype, numbers.length) as unknown as (number | bigint)[];
  const wide = isWide(dtype);
  for (let i = 0; i < numbers.length; i++) data[i] = wide ? BigInt(numbers[i]) : numbers[i];
  return { dtype, shape, data: data as unknown as HostArray["data"] };
}

/** A list of int64, as ONNX writes shapes and indices. */
export const int64List = (numbers: readonly number[]): HostArray =>
  hostNumbers("int64", [numbers.length], numbers);

export const isWide = (dtype: ElementName): boolean => dtype === "int64" || dtype === "uint64";
export const isFloating = (dtype: ElementName): boolean =>
  dtype === "float16" || dtype === "bfloat16" || isFloat(dtype as DType);

/** The dtype in which a tensor holds each type; numbers that do not fit are refused. */
const dtypeFor: Readonly<Record<ElementName, DType | null>> = {
  float32: "float32",
  float64: "float64",
  float16: "float32",
  bfloat16: "float32",
  uint8: "uint8",
  int8: "int8",
  bool: "bool",
  int32: "int32",
  int64: "int32",
  int16: "int32",
  uint16: "int32",
  uint32: "int32",
  uint64: "int32",
  string: null,
};

/** A value as a tensor; floats take the dtype of `like`, so that a model in float64 stays there. */
export function tensorOf(value: Value | undefined, like?: Value): Tensor {
  const given = arrayIn(value);
  if (isTensor(given)) return given;
  const own = dtypeFor[given.dtype];
  if (!own) throw new TypeError(`${given.dtype} ${show(given.shape)} — a tensor holds numbers`);
  const wanted = like && isTensor(like) && like.isFloat && isFloat(own) ? like.dtype : own;
  return fromArray(numbersOf(given), [...given.shape], { dtype: wanted });
}

/** A value as a float tensor: what most operators compute with. */
export const floatOf = (value: Value | undefined, like?: Value): Tensor => tensorOf(value, like).asFloat();

/** Two values as tensors of one dtype. */
export function alikeTensors(values: readonly Value[]): Tensor[] {
  const like = values.find((value) => value && isTensor(value) && value.isFloat) ?? null;
  const tensors = values.map((value) => tensorOf(value, like));
  const dtype = tensors.map((x) => x.dtype).reduce(promote);
  return tensors.map((x) => x.to(dtype));
}

/** A value as an array on the host. Of a tensor that depends on an input, an exporter refuses this. */
export function hostOf(value: Value | undefined): HostArray {
  const given = arrayIn(value);
  return isTensor(given) ? { dtype: given.dtype, shape: given.shape, data: given.data } : given;
}

/** The numbers of a value: bigints become numbers. */
export function numbersOf(value: Value | undefined): ArrayLike<number> {
  const { data, dtype, shape } = hostOf(value);
  if (dtype === "string") throw new TypeError(`strings ${show(shape)} — the operator needs numbers here`);
  return isWide(dtype) ? Array.from(data as BigInt64Array, Number) : (data as ArrayLike<number>);
}

/** A list of whole numbers: a shape, axes, pads. */
export function intsOf(value: Value | undefined): number[] {
  const numbers = Array.from(numbersOf(value));
  const wrong = numbers.find((n) => !Number.isInteger(n));
  if (wrong !== undefined) throw new RangeError(`${wrong} — the operator needs whole numbers here`);
  return numbers;
}

/** `intsOf`, of an input that may be left out. */
export const someInts = (value: Value | undefined): number[] | undefined =>
  value ? intsOf(value) : undefined;

/** The only number of a value. */
export function numberIn(value: Value | undefined): number {
  const numbers = numbersOf(value);
  if (numbers.length !== 1)
    throw new ShapeError(
      `${numbers.length} numbers ${show(arrayIn(value).shape)} — the operator needs one here`,
    );
  return numbers[0];
}

/** The type of the elements, in ONNX's words. */
export const typeOf = (value: Value | undefined): ElementName => arrayIn(value).dtype;
export const shapeOf = (value: Value | undefined): readonly number[] => arrayIn(value).shape;
export const rankOf = (value: Value | undefined): number => shapeOf(value).length;
export const sizeIn = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** A dim counted from either end. */
export function dimIn(dim: number, rank: number): number {
  const normal = dim < 0 ? dim + rank : dim;
  if (Number.isInteger(normal) && normal >= 0 && normal < Math.max(rank, 1)) return normal;
  throw new RangeError(`axis ${dim} of ${rank} dims — an axis is from ${-rank} to ${rank - 1}`);
}

/** Reads numbers for a check: it decides about an error or the form of a value, about no number of a result. */
export const peek = <T>(read: () => T): T => unobserved(read);
