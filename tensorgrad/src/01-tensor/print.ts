import { type DType, isFloat } from "../00-runtime/index.ts";
import type { Shape } from "./shape.ts";

const EDGE = 3; // elements shown at either end of a long dim
const LONG = 1000; // tensors above this size are abridged

/** `[[1, 2], [3, 4]]` as nested lists. */
export type NestedNumbers = number | NestedNumbers[];

export function nest(values: ArrayLike<number>, shape: Shape, dim = 0, start = 0): NestedNumbers {
  if (dim === shape.length) return values[start];
  let step = 1;
  for (let i = dim + 1; i < shape.length; i++) step *= shape[i];
  return Array.from({ length: shape[dim] }, (_, i) => nest(values, shape, dim + 1, start + i * step));
}

/** `tensor([[1, 2], [3, 4]])`, with the dtype where it is not float32; long tensors are abridged. */
export function format(values: ArrayLike<number>, shape: Shape, dtype: DType): string {
  const abridged = values.length > LONG;
  const write = (value: number) =>
    dtype === "bool" ? String(value !== 0) : isFloat(dtype) ? short(value) : `${value}`;
  const lines = (dim: number, start: number, step: number, indent: number): string => {
    if (dim === shape.length) return write(values[start]);
    const n = shape[dim];
    const inner = step / Math.max(1, n);
    const shown =
      abridged && n > 2 * EDGE
        ? [...Array(EDGE).keys(), -1, ...Array.from({ length: EDGE }, (_, i) => n - EDGE + i)]
        : [...Array(n).keys()];
    const parts = shown.map((i) => (i < 0 ? "…" : lines(dim + 1, start + i * inner, inner, indent + 1)));
    const separator =
      dim === shape.length - 1 ? ", " : `,${"\n".repeat(shape.length - 1 - dim)}${" ".repeat(indent + 1)}`;
    return `[${parts.join(separator)}]`;
  };
  const suffix = dtype === "float32" ? "" : `, ${dtype}`;
  const empty = values.length === 0 && shape.length > 1 ? `, shape [${shape.join(", ")}]` : "";
  return `tensor(${lines(0, 0, values.length, "tensor(".length)}${suffix}${empty})`;
}

/** At most five significant digits, as many as a person compares. */
function short(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-4 ? value.toExponential(3) : String(Number(value.toPrecision(5)));
}
