import { checked, kernels } from "../../../00-runtime/index.ts";
import { widened } from "../../autocast.ts";
import { Function, type Gradient } from "../../function.ts";
import { inFloat32 } from "../../halves.ts";
import { int64s, node } from "../../onnx-words.ts";
import { dot, indices, merge, shifted, upright } from "../../planes.ts";
import { normalDims, type Shape, sizeOf } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { copyInto } from "../shape/copy.ts";
import { fitted, newSums } from "./exact.ts";
import * as reference from "./reduce.reference.ts";
import * as split from "./reduce.split.ts";

const kernel = kernels(reference, split);

/**
 * Reduces `dims` of x into y, which has one element per index of the dims that stay. Kept dims are moved to the
 * front: any reduction is then a matrix reduced row by row, and only strides tell which one it was.
 */
export function reduceInto(
  name: keyof typeof kernel,
  given: Tensor,
  dims: readonly number[],
  y: Tensor,
): Tensor {
  const x = upright(given);
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

/** Σ over `dims`, which stay as dims of size 1. Pairwise, so the rounding error grows with log n; integers exactly, or refused. */
export class Sum extends Function {
  #from!: Shape;
  readonly dims: readonly number[];
  constructor(dims: readonly number[]) {
    super();
    this.dims = dims;
  }
  forward(x: Tensor): Tensor {
    this.#from = x.shape;
    const sums = reduceInto("sum", x, this.dims, newSums(x, keptShape(x.shape, this.dims)));
    return fitted("sum", sums, x.dtype);
  }
  backward(g: Tensor): Gradient[] {
    return [() => g.expand(this.#from)];
  }
  override onnx() {
    return node("ReduceSum", { keepdims: 1, noop_with_empty_axes: 1 }, [0, int64s(...this.dims)]);
  }
}

export type Dims = number | readonly number[] | undefined;
export type Keep = { readonly keepDim?: boolean };

export const drop = (x: Tensor, dims: readonly number[], { keepDim = false }: Keep): Tensor =>
  keepDim || dims.length === 0 ? x : x.reshape(x.shape.filter((_, i) => !dims.includes(i)));

/** Refuses what is no `{ keepDim }`. */
export const checkKeep = (call: string, keep: Keep): Keep => checked(call, keep, ["keepDim"]);

/** Booleans and bytes are counted in int32, so that a sum of them has room. */
export function sum(x: Tensor, dim: Dims, keep: Keep): Tensor {
  checkKeep("sum", keep);
  const dims = normalDims("sum", dim, x.shape);
  const wide = x.isFloat ? widened(x) : x.to("int32");
  return drop(new Sum(dims).apply(wide), dims, keep);
}

/** Σx / n; NaN of nothing. */
export function mean(x: Tensor, dim: Dims, keep: Keep): Tensor {
  checkKeep("mean", keep);
  const count = countOf("mean", x, dim);
  return inFloat32(x.asFloat(), (x) => sum(x, dim, keep).div(count));
}

const countOf = (call: string, x: Tensor, dim: Dims) =>
  sizeOf(normalDims(call, dim, x.shape).map((d) => x.shape[d] ?? 1));

export function variance(x: Tensor, dim: Dims, options: Keep & { readonly correction?: number }): Tensor {
  const { correction = 1, ...keep } = checked("var", options, ["keepDim", "correction"]);
  const count = countOf("var", x, dim);
  return inFloat32(x, (x) => {
    const centred = x.sub(mean(x, dim, { keepDim: true }));
    return sum(centred.square(), dim, keep).div(Math.max(0, count - correction));
  });
}

/** ln Σ eˣ = m + ln Σ e^(x − m), with m the maximum: the largest term is 1, so nothing overflows. */
export const logSumExp = (x: Tensor, dim: Dims, keep: Keep): Tensor =>
  inFloat32(x, (x) => logSumExpOf(x, dim, checkKeep("logSumExp", keep)));

function logSumExpOf(x: Tensor, dim: Dims, keep: Keep): Tensor {
  const dims = normalDims("logSumExp", dim, x.shape);
  if (dims.some((d) => x.shape[d] === 0)) return sum(x.asFloat(), dim, keep).log(); // −∞, the logarithm of nothing
  const shift = dims.reduce((m, d) => m.max(d, { keepDim: true }).values, x.detach());
  const safe = shift.abs().eq(Infinity).where(0, shift); // ∞ − ∞ would be NaN
  const total = x.sub(safe).exp().sum(dims, { keepDim: true });
  const none = total.eq(0); // where all of x is −∞, so is the result; log's slope there, ∞, would meet a slope of 0
  return drop(none.where(-Infinity, none.where(1, total).log().add(safe)), dims, keep);
}
