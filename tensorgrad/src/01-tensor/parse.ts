import { type DType, dtypeOfArray, ShapeError, show, type TypedArray } from "../00-runtime/index.ts";
import type { Shape } from "./shape.ts";

/** What a tensor can be made from: a number, lists of lists, or a typed array. */
export type TensorData = number | boolean | TypedArray | readonly TensorData[];

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
    const array = data as TypedArray;
    const own = dtypeOfArray(array);
    const values = dtype === undefined || dtype === own ? array : stored(array, dtype);
    return { values, shape: [array.length], dtype: dtype ?? own };
  }
  const shape = shapeOf(data);
  const leaves: (number | boolean)[] = [];
  collect(data, shape, [], leaves);
  const booleans = leaves.length > 0 && leaves.every((x) => typeof x === "boolean");
  const type = dtype ?? (booleans ? "bool" : "float32");
  const values = leaves.map(Number);
  return { values: stored(values, type), shape, dtype: type };
}

/** Sizes along the first element of every level: what all others must agree with. */
function shapeOf(data: TensorData): number[] {
  const shape: number[] = [];
  for (let level: unknown = data; isList(level); level = level[0]) shape.push(level.length);
  return shape;
}

const isList = (data: unknown): data is ArrayLike<unknown> => Array.isArray(data) || ArrayBuffer.isView(data);

function collect(data: unknown, shape: Shape, path: number[], leaves: (number | boolean)[]): void {
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
  for (let i = 0; i < data.length; i++) collect(data[i], shape, [...path, i], leaves);
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
  if (dtype === "float32" || dtype === "float64" || dtype === "bool") return;
  const [low, high] = limits[dtype];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isInteger(value) && value >= low && value <= high) continue;
    throw new RangeError(
      `${call}: ${value} at element ${i} — ${dtype} holds integers from ${low} to ${high}; use tensor.to("${dtype}") to round`,
    );
  }
}

/** Whether an integer type holds the number exactly; booleans hold none. */
export function holds(dtype: DType, value: number): boolean {
  const range = Object.hasOwn(limits, dtype) ? limits[dtype as keyof typeof limits] : [1, 0];
  return Number.isInteger(value) && value >= range[0] && value <= range[1];
}

const limits = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
} as const;
