import { type DType, halfValue, isFloat, isHalf, type TypedArray } from "../00-runtime/index.ts";
import { type Shape, sizeOf } from "./shape.ts";

const EDGES = [3, 2, 1]; // elements shown at either end of a long dim
const LONG = 1000; // tensors above this size are abridged
const FEW = 120; // numbers of an abridged tensor that are shown, if its shape allows
const ROOM = 1400; // characters after which an abridged tensor breaks off

/** `[[1, 2], [3, 4]]` as nested lists. */
export type NestedNumbers = number | NestedNumbers[];

export function nest(values: ArrayLike<number>, shape: Shape, dim = 0, start = 0): NestedNumbers {
  if (dim === shape.length) return values[start];
  let step = 1;
  for (let i = dim + 1; i < shape.length; i++) step *= shape[i];
  return Array.from({ length: shape[dim] }, (_, i) => nest(values, shape, dim + 1, start + i * step));
}

/** Where the numbers are, or the bits of those in 16 bits: read one by one, so that printing never packs a tensor of a million. */
export interface Source {
  readonly view: TypedArray;
  readonly shape: Shape;
  readonly strides: Shape;
  readonly offset: number;
  readonly dtype: DType;
}

/** `tensor([[1, 2], [3, 4]])`, with the dtype where it is not float32; long tensors are abridged. */
export function format(source: Source): string {
  const { shape, dtype } = source;
  const suffix = dtype === "float32" ? "" : `, ${dtype}`;
  const empty = sizeOf(shape) === 0 && shape.length > 1 ? `, shape [${shape.join(", ")}]` : "";
  return `tensor(${numbers(source, "tensor(".length)}${suffix}${empty})`;
}

/** The numbers as nested lists, a row per line, further lines indented by so much. */
export function numbers({ view, shape, strides, offset, dtype }: Source, indent: number): string {
  const abridged = sizeOf(shape) > LONG;
  const edge = EDGES.find((edge) => sizeOf(shape.map((n) => Math.min(n, 2 * edge))) <= FEW) ?? 1;
  let room = abridged ? ROOM : Number.POSITIVE_INFINITY;
  const lines = (dim: number, at: number): string => {
    if (dim === shape.length) return write(isHalf(dtype) ? halfValue(view[at], dtype) : view[at], dtype);
    const breaks = shape.length - 1 - dim;
    const separator = breaks ? `,${"\n".repeat(breaks)}${" ".repeat(indent + dim + 1)}` : ", ";
    const parts: string[] = [];
    for (const i of places(shape[dim], abridged ? edge : shape[dim])) {
      const part = i < 0 ? "…" : lines(dim + 1, at + i * strides[dim]);
      parts.push(part);
      room -= separator.length + (breaks ? 2 : part.length); // a row has counted its numbers itself
      if (room > 0) continue;
      if (part !== "…" && i < shape[dim] - 1) parts.push("…");
      break;
    }
    return `[${parts.join(separator)}]`;
  };
  return lines(0, offset);
}

/** Positions 0 … n − 1; of many those at either edge, with −1 for what is between. */
const places = (n: number, edge: number): number[] =>
  n <= 2 * edge
    ? [...Array(n).keys()]
    : [...Array(edge).keys(), -1, ...Array.from({ length: edge }, (_, i) => n - edge + i)];

const write = (value: number, dtype: DType): string => {
  if (dtype === "bool") return String(value !== 0);
  return isFloat(dtype) ? short(value) : `${value}`;
};

/** At most five significant digits, as many as a person compares. */
function short(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-4 ? value.toExponential(3) : String(Number(value.toPrecision(5)));
}
