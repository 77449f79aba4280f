import {
  bytesPerElement,
  type DType,
  type Operand,
  type Storage,
  type TypedArray,
} from "../00-runtime/index.ts";
import { unobserved } from "./reads.ts";
import { broadcastStrides, type Shape, sameShape, sizeOf } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Kernels see planes: two dims with one row stride and one column stride per operand. Most tensors are a single
 * plane once dims that lie gapless in every operand are merged; what remains outside is walked here.
 */
export type PlaneKernel = (
  operands: readonly Operand[],
  rows: number,
  cols: number,
  strides: readonly number[],
) => void;

/** Whether no stride is negative along which there is more than one element. */
export const isUpright = (x: Tensor): boolean =>
  x.isContiguous() || x.strides.every((stride, d) => stride >= 0 || x.shape[d] <= 1);

/** For kernels, which count forwards from the first element: x itself, or a packed copy of what a slice took backwards. */
export const upright = (x: Tensor): Tensor =>
  isUpright(x)
    ? x
    : x.newFrom(
        unobserved(() => x.data),
        x.shape,
      );

/**
 * Calls `kernel` for every plane of `shape`. Operands are broadcast to it; `strides` holds row and column stride of
 * each operand in turn: `[aRow, aCol, bRow, bCol, …]`. The last operand is the result, none of whose strides is negative; planes
 * follow its order in memory.
 */
export function eachPlane(shape: Shape, given: readonly Tensor[], kernel: PlaneKernel): void {
  const line = oneLine(shape, given);
  if (line) kernel(given, 1, sizeOf(shape), line);
  else if (!shape.includes(0)) eachOfMany(shape, given, kernel);
}

/** Apart from the common case, which holds no variable for a closure. */
function eachOfMany(shape: Shape, given: readonly Tensor[], kernel: PlaneKernel): void {
  const tensors = given.every(isUpright) ? given : given.map(upright);
  const result = tensors[tensors.length - 1];
  const order = result.isContiguous() ? null : result.memoryOrder;
  const { sizes, strides } = merge(
    inOrder(shape, order),
    tensors.map((t) => inOrder(broadcastStrides(t.shape, t.strides, shape), order)),
  );
  const [rows, cols] = [sizes.at(-2) ?? 1, sizes.at(-1) ?? 1];
  const inner: number[] = [];
  for (const s of strides) inner.push(s.at(-2) ?? 0, s.at(-1) ?? 1);
  if (sizes.length <= 2) {
    kernel(tensors, rows, cols, inner);
    return;
  }
  const outer = sizes.slice(0, -2);
  for (const index of indices(outer)) {
    const operands = tensors.map((t, i) => shifted(t, dot(index, strides[i])));
    kernel(operands, rows, cols, inner);
  }
}

const inOrder = (list: Shape, order: Shape | null): Shape => (order ? order.map((i) => list[i]) : list);

/** The common case, found without merging: every operand lies like the result, or is a single number repeated. */
function oneLine(shape: Shape, tensors: readonly Tensor[]): number[] | null {
  const result = tensors[tensors.length - 1];
  const contiguous = result.isContiguous();
  if (!contiguous && result.memoryOrder === null) return null;
  const size = sizeOf(shape);
  const strides: number[] = [];
  for (const t of tensors) {
    if (t.size === 1 && shape.length > 0) strides.push(0, 0);
    // Of as many elements, it is not stretched: at most leading dims of size 1 are missing.
    else if (contiguous ? t.size === size && t.isContiguous() : liesAs(t, shape, result)) strides.push(0, 1);
    else return null;
  }
  return strides;
}

const liesAs = (t: Tensor, shape: Shape, result: Tensor): boolean =>
  sameShape(t.shape, shape) && sameShape(t.strides, result.strides);

/**
 * A new tensor for a result of this shape: in the memory order of an operand that has it, so that results of images that lie
 * channels last lie so, too.
 */
export function newResult(
  shape: Shape,
  operands: readonly Tensor[],
  dtype: DType = operands[0].dtype,
): Tensor {
  for (const t of operands)
    if (!t.isContiguous() && sameShape(t.shape, shape) && t.memoryOrder !== null) return t.newLike(dtype);
  return operands[0].newEmpty(shape, dtype);
}

/** Merges neighbouring dims wherever every operand lies gapless across them; drops dims of size 1. */
export function merge(shape: Shape, strides: readonly Shape[]): { sizes: number[]; strides: number[][] } {
  const sizes: number[] = [];
  const merged = strides.map((): number[] => []);
  for (let i = 0; i < shape.length; i++) {
    const n = shape[i];
    if (n === 1) continue;
    let last = sizes.length - 1;
    if (last >= 0 && areGapless(strides, i, n, merged)) sizes[last] *= n;
    else last = sizes.push(n) - 1;
    for (let k = 0; k < strides.length; k++) merged[k][last] = strides[k][i];
  }
  return { sizes, strides: merged };
}

/** Whether in every operand one step of the last merged dim is as long as all n steps of dim i. */
function areGapless(strides: readonly Shape[], i: number, n: number, merged: readonly Shape[]): boolean {
  for (let k = 0; k < strides.length; k++) if (merged[k].at(-1) !== strides[k][i] * n) return false;
  return true;
}

/** All multi-indices below `shape`, in row-major order; one empty index for the empty shape. */
export function* indices(shape: Shape): Generator<readonly number[]> {
  const index = new Array<number>(shape.length).fill(0);
  for (let left = sizeOf(shape); left > 0; left--) {
    yield [...index];
    for (let i = shape.length - 1; i >= 0 && ++index[i] === shape[i]; i--) index[i] = 0;
  }
}

export function dot(index: Shape, strides: Shape): number {
  let sum = 0;
  for (let i = 0; i < index.length; i++) sum += index[i] * strides[i];
  return sum;
}

/** The same operand, beginning `offset` elements later. */
export function shifted(operand: Operand, offset: number): Operand {
  return offset === 0 ? operand : new Shifted(operand, offset);
}

class Shifted implements Operand {
  readonly dtype: DType;
  #base: Operand;
  #offset: number;

  constructor(base: Operand, offset: number) {
    this.dtype = base.dtype;
    this.#base = base;
    this.#offset = offset;
  }

  get pointer(): number {
    return this.#base.pointer + this.#offset * bytesPerElement(this.dtype);
  }

  get elements(): TypedArray {
    return this.#base.elements.subarray(this.#offset);
  }

  get storage(): Storage {
    return this.#base.storage;
  }
}
