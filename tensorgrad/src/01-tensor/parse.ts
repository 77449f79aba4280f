import { type DType, dtypeOfArray, isFloat, ShapeError, show, type TypedArray } from "../00-runtime/index.ts";
import type { Shape } from "./shape.ts";

/** What a tensor can be made from: a number, lists of lists, or a typed array. */
export type TensorData = number | boolean | TypedArray | OtherArray | readonly TensorData[];

/** Arrays whose elements are converted: integers become int32. */
type OtherArray = Int16Array | Uint16Array | Uint32Array | Uint8ClampedArray | BigInt64Array | BigUint64Array;

export interface Parsed {
  readonly values: ArrayLike<number>;
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * Flattens nested lists and finds their shape.
 *
 * Throws    ShapeError for ragged lists, TypeError for anything but numbers and booleans; both name the position
 */
export function parse(data: TensorData, dtype?: DType): Parsed {
  if (ArrayBuffer.isView(data)) {
    const { array, dtype: own } = numbersOf(data);
    const kept = (dtype ?? own) === dtypeOfArray(array);
    return { values: kept ? array : stored(array, dtype ?? own), shape: [array.length], dtype: dtype ?? own };
  }
  const shape = shapeOf(data);
  const leaves: (number | boolean)[] = [];
  addLeaves(data, shape, [], leaves);
  const booleans = leaves.length > 0 && leaves.every((x) => typeof x === "boolean");
  const type = dtype ?? (booleans ? "bool" : "float32");
  const values = leaves.map(Number);
  return { values: stored(values, type), shape, dtype: type };
}

/**
 * The numbers of any typed array, and the dtype they become: the array's own, or int32 for other integers.
 *
 * Throws    TypeError for what holds no numbers
 */
export function numbersOf(
  data: ArrayBufferView,
  call = "tensor",
): { array: ArrayLike<number>; dtype: DType } {
  const own = dtypeOfArray(data);
  if (own) return { array: data as TypedArray, dtype: own };
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    return { array: Float64Array.from(data, Number), dtype: "int32" };
  if (data instanceof Int16Array || data instanceof Uint16Array || data instanceof Uint32Array)
    return { array: data, dtype: "int32" };
  const floats = data as unknown as ArrayLike<number>;
  if (data.constructor.name === "Float16Array") return { array: Float32Array.from(floats), dtype: "float16" };
  throw new TypeError(
    `${call}: a ${data.constructor.name} — elements must be numbers; make a typed array of it, such as a Float32Array`,
  );
}

/** More dims than any use has; a list that contains itself would have no end. */
const MOST_DIMS = 64;

/** Sizes along the first element of every level: what all others must agree with. */
function shapeOf(data: TensorData): number[] {
  const shape: number[] = [];
  for (let level: unknown = data; isList(level); level = level[0]) {
    if (shape.length === MOST_DIMS)
      throw new ShapeError(`tensor: lists nested more than ${MOST_DIMS} deep — does a list contain itself?`);
    shape.push(level.length);
  }
  return shape;
}

const isList = (data: unknown): data is ArrayLike<unknown> => Array.isArray(data) || ArrayBuffer.isView(data);

function addLeaves(data: unknown, shape: Shape, path: number[], leaves: (number | boolean)[]): void {
  const at = path.length ? ` at ${show(path)}` : "";
  if (path.length === shape.length) {
    if (isList(data))
      throw new ShapeError(
        `tensor: a list of ${data.length}${at} where others have a number — lists must not be ragged`,
      );
    if (typeof data !== "number" && typeof data !== "boolean") {
      throw new TypeError(`tensor: ${describe(data)}${at} — elements must be numbers or booleans`);
    }
    leaves.push(data);
    return;
  }
  if (!isList(data)) {
    throw new ShapeError(
      `tensor: ${describe(data)}${at} where others have a list of ${shape[path.length]} — lists must not be ragged`,
    );
  }
  if (data.length !== shape[path.length]) {
    throw new ShapeError(
      `tensor: a list of ${data.length}${at} where others have ${shape[path.length]} — lists must not be ragged`,
    );
  }
  for (let i = 0; i < data.length; i++) addLeaves(data[i], shape, [...path, i], leaves);
}

const describe = (data: unknown): string =>
  typeof data === "string"
    ? `the string ${JSON.stringify(data)}`
    : data === null
      ? "null"
      : `${typeof data === "object" ? "an" : "a value of type"} ${typeof data}`;

/** Numbers as a dtype stores them: booleans are 0 and 1, and any number but 0 is true. */
export function stored(values: ArrayLike<number>, dtype: DType, call = "tensor"): ArrayLike<number> {
  checkRange(values, dtype, call);
  return dtype === "bool" ? Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)) : values;
}

/** Integers are stored as they are: a class index that is NaN, or 2.5, or too large is a mistake, not a rounding. */
function checkRange(values: ArrayLike<number>, dtype: DType, call: string): void {
  if (isFloat(dtype) || dtype === "bool") return;
  const [low, high] = limits[dtype as keyof typeof limits];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isInteger(value) && value >= low && value <= high) continue;
    throw new RangeError(
      `${call}: ${value} at element ${i} — ${dtype} holds integers from ${low} to ${high}; use tensor.to("${dtype}") to round`,
    );
  }
}

/**
 * For writing into a tensor that exists.
 *
 * Throws    RangeError for numbers that the dtype does not hold: fractions and NaN in integers, anything but 0 and 1 in booleans
 */
export function checkStores(dtype: DType, values: ArrayLike<number>): void {
  checkRange(values, dtype, "assign");
  if (dtype !== "bool") return;
  for (let i = 0; i < values.length; i++)
    if (values[i] !== 0 && values[i] !== 1)
      throw new RangeError(
        `assign: ${values[i]} at element ${i} — bool holds 0 and 1; compare first: x.ne(0)`,
      );
}

/** Whether an integer type holds the number exactly; booleans hold none. */
export function holds(dtype: DType, value: number): boolean {
  const range = Object.hasOwn(limits, dtype) ? limits[dtype as keyof typeof limits] : [1, 0];
  return Number.isInteger(value) && value >= range[0] && value <= range[1];
}

/** The integers that a type holds. */
export const limits = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
} as const;
