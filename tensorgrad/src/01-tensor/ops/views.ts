import { promote, ShapeError, show } from "../../00-runtime/index.ts";
import {
  checkShape,
  completeShape,
  normalDim,
  normalDims,
  type Shape,
  sameShape,
  viewStrides,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { Cat, copyInto, Expand, Permute, Reshape, Slice } from "./view.ts";

/** The methods of tensors that change shapes: checks of what the user asked for, then one of few Functions. */

export const reshape = (x: Tensor, shape: Shape): Tensor =>
  new Reshape(completeShape("reshape", x.shape, shape)).apply(x);

export function strictView(x: Tensor, shape: Shape): Tensor {
  const complete = completeShape("view", x.shape, shape);
  if (viewStrides(x.shape, x.strides, complete)) return new Reshape(complete).apply(x);
  throw new ShapeError(
    `view: ${show(x.shape)} with strides ${show(x.strides)} to ${show(complete)} — no strides show these elements in that order without a copy; use reshape`,
  );
}

export function flatten(x: Tensor, start: number, end: number): Tensor {
  if (x.rank === 0) return reshape(x, [1]);
  const [from, to] = [normalDim("flatten", start, x.shape), normalDim("flatten", end, x.shape)];
  if (from > to)
    throw new ShapeError(
      `flatten: dims ${start} to ${end} of ${show(x.shape)} — the first must not come after the last`,
    );
  const merged = x.shape.slice(from, to + 1).reduce((product, n) => product * n, 1);
  return reshape(x, [...x.shape.slice(0, from), merged, ...x.shape.slice(to + 1)]);
}

export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const [a, b] = [normalDim("transpose", dim0, x.shape), normalDim("transpose", dim1, x.shape)];
  const dims = x.shape.map((_, i) => (i === a ? b : i === b ? a : i));
  return new Permute(dims).apply(x);
}

export function t(x: Tensor): Tensor {
  if (x.rank === 2) return new Permute([1, 0]).apply(x);
  throw new ShapeError(
    `t: a tensor of shape ${show(x.shape)} — t() transposes matrices; name two dims: x.transpose(-2, -1)`,
  );
}

export function permute(x: Tensor, dims: Shape): Tensor {
  const order = dims.map((dim) => normalDim("permute", dim, x.shape));
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    throw new ShapeError(
      `permute: dims ${show(dims)} of ${show(x.shape)} — each of the ${x.rank} dims must be named exactly once`,
    );
  }
  return new Permute(order).apply(x);
}

export function expand(x: Tensor, shape: Shape): Tensor {
  const lead = shape.length - x.rank;
  const target = shape.map((n, i) => (n === -1 && i >= lead ? x.shape[i - lead] : n));
  checkShape("expand", target);
  const fits = lead >= 0 && x.shape.every((n, i) => n === 1 || n === target[i + lead]);
  if (!fits)
    throw new ShapeError(
      `expand: ${show(x.shape)} to ${show(target)} — only dims of size 1 stretch, and new dims come first`,
    );
  return new Expand(target).apply(x);
}

/** Without a dim, all dims of size 1 go; a named dim of another size stays. */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  const dims = normalDims("squeeze", dim, x.shape);
  return reshape(
    x,
    x.shape.filter((n, i) => n !== 1 || !dims.includes(i)),
  );
}

export const unsqueeze = (x: Tensor, dim: number): Tensor =>
  reshape(x, x.shape.toSpliced(normalDim("unsqueeze", dim, x.shape, 1), 0, 1));

export function slice(x: Tensor, dim: number, start: number, end: number | undefined, step: number): Tensor {
  const d = dimOf("slice", x, dim);
  if (!Number.isInteger(step) || step < 1) {
    throw new RangeError(`slice: step ${step} — a step is an integer ≥ 1; to reverse a dim use flip`);
  }
  const n = x.shape[d];
  const position = (i: number) => Math.min(Math.max(i < 0 ? i + n : i, 0), n);
  const [from, to] = [position(start), position(end ?? n)];
  return new Slice(d, from, Math.max(from, to), step).apply(x);
}

export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  const d = dimOf("narrow", x, dim);
  if (start < 0 || length < 0 || start + length > x.shape[d]) {
    throw new RangeError(
      `narrow: ${length} from ${start} along dim ${dim} of ${show(x.shape)} — the range must lie within 0 and ${x.shape[d]}`,
    );
  }
  return new Slice(d, start, start + length, 1).apply(x);
}

export function select(x: Tensor, dim: number, index: number): Tensor {
  const d = dimOf("select", x, dim);
  const i = index < 0 ? index + x.shape[d] : index;
  if (!Number.isInteger(i) || i < 0 || i >= x.shape[d]) {
    throw new RangeError(
      `select: index ${index} along dim ${dim} of ${show(x.shape)} — indices go from ${-x.shape[d]} to ${x.shape[d] - 1}`,
    );
  }
  return reshape(new Slice(d, i, i + 1, 1).apply(x), x.shape.toSpliced(d, 1));
}

function dimOf(call: string, x: Tensor, dim: number): number {
  if (x.rank === 0)
    throw new ShapeError(`${call}: dim ${dim} of a tensor of shape [] — a scalar has no dims`);
  return normalDim(call, dim, x.shape);
}

/** Joins tensors along an existing dim; all other sizes must be equal. Different dtypes become the last on the ladder. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  if (tensors.length === 0) throw new ShapeError("cat: no tensors — at least one is needed");
  const [first] = tensors;
  const d = dimOf("cat", first, dim);
  for (const x of tensors) {
    if (x.rank === first.rank && x.shape.every((n, i) => i === d || n === first.shape[i])) continue;
    throw new ShapeError(
      `cat: ${show(first.shape)} and ${show(x.shape)} along dim ${dim} — all other dims must be equal`,
    );
  }
  const dtype = tensors.map((x) => x.dtype).reduce(promote);
  return new Cat(d).apply(...tensors.map((x) => x.to(dtype)));
}

/** Joins tensors of one shape along a new dim. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  if (tensors.length === 0) throw new ShapeError("stack: no tensors — at least one is needed");
  const [first] = tensors;
  const other = tensors.find((x) => !sameShape(x.shape, first.shape));
  if (other) {
    throw new ShapeError(
      `stack: ${show(first.shape)} and ${show(other.shape)} — all shapes must be equal; cat joins others`,
    );
  }
  const apart = tensors.map((x) => x.unsqueeze(dim));
  return cat(apart, dim);
}

/** The parts of a tensor along a dim: of `size` elements each, the last one maybe shorter, or of the sizes in a list. */
export function split(x: Tensor, size: number | readonly number[], dim: number): Tensor[] {
  const n = x.shape[dimOf("split", x, dim)];
  if (typeof size === "number" && !(Number.isInteger(size) && size >= 1)) {
    throw new RangeError(
      `split: dim ${dim} of ${show(x.shape)} into parts of ${size} — a part has an integer number of elements, at least 1`,
    );
  }
  const sizes = typeof size === "number" ? partsOf(n, size) : size;
  const fits = sizes.every((part) => Number.isInteger(part) && part >= 0);
  if (!fits || sizes.reduce((sum, part) => sum + part, 0) !== n) {
    throw new ShapeError(
      `split: dim ${dim} of ${show(x.shape)} into ${show(sizes)} — sizes are integers ≥ 0 that add up to ${n}`,
    );
  }
  let end = 0;
  return sizes.map((part) => {
    end += part;
    return narrow(x, dim, end - part, part);
  });
}

/** n in parts of `size`; nothing is still one (empty) part. */
const partsOf = (n: number, size: number): readonly number[] =>
  Array.from({ length: Math.max(1, Math.ceil(n / size)) }, (_, i) => Math.min(size, n - i * size));

/** At most `chunks` parts of one size, the last one maybe shorter. As in PyTorch, rounding up may leave fewer parts. */
export function chunk(x: Tensor, chunks: number, dim: number): Tensor[] {
  const n = x.shape[dimOf("chunk", x, dim)];
  if (!Number.isInteger(chunks) || chunks < 1)
    throw new RangeError(`chunk: dim ${dim} of ${show(x.shape)} into ${chunks} — an integer ≥ 1`);
  return n === 0 ? split(x, new Array<number>(chunks).fill(0), dim) : split(x, Math.ceil(n / chunks), dim);
}

/** The whole tensor over and over, `times[d]` times along each dim d; more numbers than dims add dims in front. */
export function repeat(x: Tensor, times: Shape): Tensor {
  const lead = times.length - x.rank;
  if (lead < 0 || !times.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new ShapeError(
      `repeat: ${show(x.shape)} ${show(times)} times — a number ≥ 0 for each of the ${x.rank} dims, and for new ones before them`,
    );
  }
  const shape = times.map((_, d) => (d < lead ? 1 : x.shape[d - lead]));
  const apart = reshape(
    x,
    shape.flatMap((n) => [1, n]),
  ); // [2, 3] → [1, 2, 1, 3], each 1 to be stretched
  return reshape(
    expand(
      apart,
      shape.flatMap((n, d) => [times[d], n]),
    ),
    shape.map((n, d) => times[d] * n),
  );
}

/** Overwrites the elements of a (possibly strided) tensor. */
export function write(x: Tensor, values: ArrayLike<number>): void {
  x.storage.version++;
  if (x.isContiguous()) x.data.set(values);
  else copyInto(x.newFrom(values, x.shape), x);
}
