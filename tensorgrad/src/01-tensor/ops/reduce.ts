import { kernels, ShapeError, show } from "../../00-runtime/index.ts";
import { Function, type Gradient, int64s, isRecording, node } from "../function.ts";
import { dot, indices, merge, shifted } from "../planes.ts";
import { normalDim, normalDims, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import * as reference from "./reduce.reference.ts";
import { copyInto } from "./view.ts";

const kernel = kernels(reference);

/**
 * Reduces `dims` of x into y, which has one element per index of the dims that stay. Kept dims are moved to the
 * front: any reduction is then a matrix reduced row by row, and only strides tell which one it was.
 */
export function reduceInto(name: keyof typeof kernel, x: Tensor, dims: readonly number[], y: Tensor): Tensor {
  const kept = x.shape.flatMap((_, i) => (dims.includes(i) ? [] : [i]));
  const pick = (list: Shape, which: readonly number[]) => which.map((i) => list[i]);
  const cols = merge(pick(x.shape, dims), [pick(x.strides, dims)]);
  if (cols.sizes.length > 1) {
    const moved = x.newEmpty(pick(x.shape, [...kept, ...dims])); // dims too far apart for one stride
    copyInto(x.newView(moved.shape, pick(x.strides, [...kept, ...dims]), x.offset), moved);
    return reduceInto(
      name,
      moved,
      dims.map((_, i) => kept.length + i),
      y,
    );
  }
  const rows = merge(pick(x.shape, kept), [pick(x.strides, kept)]);
  const [rowCount, rowStride] = [rows.sizes.at(-1) ?? 1, rows.strides[0].at(-1) ?? 0];
  const colCount = sizeOf(pick(x.shape, dims));
  let done = 0;
  for (const index of y.size === 0 ? [] : indices(rows.sizes.slice(0, -1))) {
    const start = shifted(x, dot(index, rows.strides[0]));
    kernel[name](start, shifted(y, done), rowCount, colCount, rowStride, cols.strides[0][0] ?? 1);
    done += rowCount;
  }
  return y;
}

export const keptShape = (shape: Shape, dims: readonly number[]) =>
  shape.map((n, i) => (dims.includes(i) ? 1 : n));

/** Σ over `dims`, which stay as dims of size 1. Pairwise, so the rounding error grows with log n. */
export class Sum extends Function {
  #from!: Shape;
  readonly dims: readonly number[];
  constructor(dims: readonly number[]) {
    super();
    this.dims = dims;
  }
  forward(x: Tensor): Tensor {
    this.#from = x.shape;
    return reduceInto("sum", x, this.dims, x.newEmpty(keptShape(x.shape, this.dims)));
  }
  backward(g: Tensor): Gradient[] {
    return [() => g.expand(this.#from)];
  }
  override onnx() {
    return node("ReduceSum", { keepdims: 1, noop_with_empty_axes: 1 }, [0, int64s(...this.dims)]);
  }
}

/** The largest or smallest element along one dim, which stays with size 1. */
abstract class Extreme extends Function {
  /** Where the best element of each row was found. */
  indices!: Tensor;
  #size!: number;
  abstract readonly kernel: "max" | "min";
  readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  forward(x: Tensor): Tensor {
    this.#size = x.shape[this.dim];
    const shape = keptShape(x.shape, [this.dim]);
    this.indices = reduceInto(`arg${this.kernel}`, x, [this.dim], x.newEmpty(shape, "int32"));
    return reduceInto(this.kernel, x, [this.dim], x.newEmpty(shape));
  }
  /** All of it goes to the one element that was chosen. */
  backward(g: Tensor): Gradient[] {
    const positions = Int32Array.from({ length: this.#size }, (_, i) => i);
    const along = this.indices.shape.map((_, i) => (i === this.dim ? this.#size : 1));
    const chosen = isRecording()
      ? new ArgBest(`arg${this.kernel}`, this.dim).apply(this.prev[0])
      : this.indices;
    return [() => chosen.eq(chosen.newFrom(positions, along)).where(g, 0)];
  }
  override onnx() {
    const op = this.kernel === "max" ? "ReduceMax" : "ReduceMin";
    return node(op, { keepdims: 1 }, [0, int64s(this.dim)]);
  }
  override signature() {
    return this.indices.data;
  }
}

export class Max extends Extreme {
  readonly kernel = "max";
}

export class Min extends Extreme {
  readonly kernel = "min";
}

/** The position of the largest (smallest) element along a dim, the first one on ties; nothing flows back. */
export class ArgBest extends Function {
  readonly kernel: "argmax" | "argmin";
  readonly dim: number;
  readonly #known: Tensor | null;
  /** `known` is the result, where another operation has found it on the way. */
  constructor(kernel: "argmax" | "argmin", dim: number, known: Tensor | null = null) {
    super();
    [this.kernel, this.dim, this.#known] = [kernel, dim, known];
  }
  forward(x: Tensor): Tensor {
    return (
      this.#known ??
      reduceInto(this.kernel, x, [this.dim], x.newEmpty(keptShape(x.shape, [this.dim]), "int32"))
    );
  }
  backward(): Gradient[] {
    return [null];
  }
  override onnx() {
    const op = this.kernel === "argmax" ? "ArgMax" : "ArgMin";
    return node("Cast", { to: 6 }, [node(op, { axis: this.dim, keepdims: 1 })]);
  }
}

/** `max` of nothing has no value. */
export function checkNotEmpty(call: string, x: Tensor, dim: number): void {
  if (x.shape[dim] !== 0) return;
  throw new ShapeError(
    `${call}: a tensor of shape ${show(x.shape)} — dim ${dim} has no elements to choose from`,
  );
}

type Dims = number | readonly number[] | undefined;
type Keep = { readonly keepDim?: boolean };

/** The best elements along a dim, and where each was found. */
export interface Best {
  readonly values: Tensor;
  readonly indices: Tensor;
}

export const drop = (x: Tensor, dims: readonly number[], { keepDim = false }: Keep): Tensor =>
  keepDim || dims.length === 0 ? x : x.reshape(x.shape.filter((_, i) => !dims.includes(i)));

/** Booleans and bytes are counted in int32, so that a sum of them has room. */
export function sum(x: Tensor, dim: Dims, keep: Keep): Tensor {
  const dims = normalDims("sum", dim, x.shape);
  const wide = x.isFloat ? x : x.to("int32");
  return drop(new Sum(dims).apply(wide), dims, keep);
}

/** Σx / n; NaN of nothing. */
export function mean(x: Tensor, dim: Dims, keep: Keep): Tensor {
  const count = countOf("mean", x, dim);
  return sum(x.asFloat(), dim, keep).div(count);
}

const countOf = (call: string, x: Tensor, dim: Dims) =>
  sizeOf(normalDims(call, dim, x.shape).map((d) => x.shape[d] ?? 1));

export function variance(
  x: Tensor,
  dim: Dims,
  { correction = 1, ...keep }: Keep & { readonly correction?: number },
): Tensor {
  const count = countOf("var", x, dim);
  const centred = x.sub(mean(x, dim, { keepDim: true }));
  return sum(centred.square(), dim, keep).div(Math.max(0, count - correction));
}

/** ln Σ eˣ = m + ln Σ e^(x − m), with m the maximum: the largest term is 1, so nothing overflows. */
export function logSumExp(x: Tensor, dim: Dims, keep: Keep): Tensor {
  const dims = normalDims("logSumExp", dim, x.shape);
  if (dims.some((d) => x.shape[d] === 0)) return sum(x.asFloat(), dim, keep).log(); // −∞, the logarithm of nothing
  const shift = dims.reduce((m, d) => m.max(d, { keepDim: true }).values, x.detach());
  const safe = shift.abs().eq(Infinity).where(0, shift); // ∞ − ∞ would be NaN
  const total = x.sub(safe).exp().sum(dims, { keepDim: true });
  return drop(total.log().add(safe), dims, keep);
}

/** A scalar has no dim to keep: as in PyTorch, its extremes are scalars. */
export function best(kind: typeof Max | typeof Min, x: Tensor, dim: number, keep: Keep): Best {
  const call = kind === Max ? "max" : "min";
  const [line, d, kept] = x.rank === 0 ? [x.reshape(1), 0, {}] : [x, normalDim(call, dim, x.shape), keep];
  checkNotEmpty(call, line, d);
  const found = new kind(d);
  const values = found.apply(line);
  const indices = new ArgBest(`arg${call}`, d, found.indices).apply(line);
  return { values: drop(values, [d], kept), indices: drop(indices, [d], kept) };
}

export function argBest(
  call: "argmax" | "argmin",
  x: Tensor,
  dim: number | undefined,
  { keepDim = false }: Keep,
): Tensor {
  if (dim === undefined || x.rank === 0) {
    if (dim !== undefined) normalDim(call, dim, x.shape);
    checkNotEmpty(call, x.reshape(-1), 0);
    return new ArgBest(call, 0).apply(x.reshape(-1)).reshape(keepDim ? x.shape.map(() => 1) : []);
  }
  const d = normalDim(call, dim, x.shape);
  checkNotEmpty(call, x, d);
  return drop(new ArgBest(call, d).apply(x), [d], { keepDim });
}
