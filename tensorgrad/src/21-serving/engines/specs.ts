import { FormatError } from "../../00-runtime/index.ts";
import type { OnnxDType } from "../../onnx/index.ts";
import type { TensorSpec } from "../types.ts";

const SERVED: readonly OnnxDType[] = ["float32", "float64", "int32", "int64", "int8", "uint8", "bool"];

/** A dim as an ONNX file says it: a size, the name of one, or nothing. */
export type Dim = number | string | null;

/** What a file says of an input or output. Throws  FormatError for types that are not served, and where the rank is left open */
export function specFrom(name: string, type: string | null, shape: readonly Dim[] | null): TensorSpec {
  const dtype = SERVED.find((one) => one === type);
  if (!dtype)
    throw new FormatError(`serve: "${name}" is ${type ?? "no tensor"} — served are ${SERVED.join(", ")}`);
  if (shape === null)
    throw new FormatError(
      `serve: "${name}" has no shape in the file — clients must know its rank; export it with one`,
    );
  return { name, dtype, shape: shape.map((n) => (typeof n === "number" && n >= 0 ? n : -1)) };
}

/** Whether the first dim of all is one and the same symbol: then it is the batch, and requests may share a call. */
export function sameFirstDim(shapes: readonly (readonly Dim[] | null)[]): boolean {
  const dims = shapes.map((shape) => shape?.[0]);
  return typeof dims[0] === "string" && dims[0] !== "" && dims.every((dim) => dim === dims[0]);
}
