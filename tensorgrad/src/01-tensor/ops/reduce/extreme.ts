import { ShapeError, show } from "../../../00-runtime/index.ts";
import { Function, type Gradient } from "../../function.ts";
import { int64s, node } from "../../onnx-words.ts";
import { isRecording } from "../../recording.ts";
import { normalDim, normalDims, type Shape } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { checkKeep, drop, type Keep, keptShape, reduceInto } from "./reduce.ts";

// ————————————————————————————————————————————————————————————————————————————————— along one dim, and where it was found

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

/** The largest along one dim; the first of equals takes all of the gradient. */
export class Max extends Extreme {
  readonly kernel = "max";
}

/** The smallest along one dim; the first of equals takes all of the gradient. */
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

/** The best elements along a dim, and where each was found. */
export interface Found {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/** A scalar has no dim to keep: as in PyTorch, its extremes are scalars. */
export function extremeAlong(kind: typeof Max | typeof Min, x: Tensor, dim: number, keep: Keep): Found {
  const call = kind === Max ? "max" : "min";
  checkKeep(call, keep);
  const [line, d, kept] = x.rank === 0 ? [x.reshape(1), 0, {}] : [x, normalDim(call, dim, x.shape), keep];
  checkNotEmpty(call, line, d);
  const found = new kind(d);
  const values = found.apply(line);
  const indices = new ArgBest(`arg${call}`, d, found.indices).apply(line);
  return { values: drop(values, [d], kept), indices: drop(indices, [d], kept) };
}

export function argBest(call: "argmax" | "argmin", x: Tensor, dim: number | undefined, keep: Keep): Tensor {
  const { keepDim = false } = checkKeep(call, keep);
  if (dim === undefined || x.rank === 0) {
    if (dim !== undefined) normalDim(call, dim, x.shape);
    checkNotEmpty(call, x.reshape(-1), 0);
    return new ArgBest(call, 0).apply(x.reshape(-1)).reshape(keepDim ? x.shape.map(() => 1) : []);
  }
  const d = normalDim(call, dim, x.shape);
  checkNotEmpty(call, x, d);
  return drop(new ArgBest(call, d).apply(x), [d], { keepDim });
}

// ————————————————————————————————————————————————————————————————————————————————————————————————— over any dims

/**
 * The largest or smallest element over any dims, which stay as dims of size 1. All elements that tie for it share the
 * gradient evenly; `Max` and `Min`, which also say where they found it, give all of it to that one. Where the result is NaN,
 * every element's gradient is: a finite one would hide it.
 */
abstract class EvenExtreme extends Function {
  #x!: Tensor;
  #y!: Tensor;
  abstract readonly kernel: "max" | "min";
  readonly dims: readonly number[];
  constructor(dims: readonly number[]) {
    super();
    this.dims = dims;
  }
  forward(x: Tensor): Tensor {
    this.#x = x;
    this.#y = reduceInto(this.kernel, x, this.dims, x.newEmpty(keptShape(x.shape, this.dims)));
    return this.#y;
  }
  backward(g: Tensor): Gradient[] {
    const ties = this.#x.eq(this.#y);
    const count = ties.sum(this.dims, { keepDim: true }).to(g.dtype);
    return [() => this.#y.isNaN().where(NaN, ties.where(g.div(count), 0))];
  }
  override onnx() {
    const op = this.kernel === "max" ? "ReduceMax" : "ReduceMin";
    return node(op, { keepdims: 1, noop_with_empty_axes: 1 }, [0, int64s(...this.dims)]);
  }
  override signature() {
    return this.#x.eq(this.#y).data;
  }
}

/** The largest over dims; equals share the gradient evenly. */
export class Amax extends EvenExtreme {
  readonly kernel = "max";
}

/** The smallest over dims; equals share the gradient evenly. */
export class Amin extends EvenExtreme {
  readonly kernel = "min";
}

/** `call` is what the user typed: `max` without a dim is `amax` over all. */
export function extreme(
  call: string,
  Operation: typeof Amax | typeof Amin,
  x: Tensor,
  dim?: number | Shape,
  keep: { readonly keepDim?: boolean } = {},
): Tensor {
  checkKeep(call, keep);
  const dims = normalDims(call, dim, x.shape);
  for (const d of dims) checkNotEmpty(call, x, d);
  return drop(new Operation(dims).apply(x), dims, keep);
}

/** `max` of nothing has no value. */
export function checkNotEmpty(call: string, x: Tensor, dim: number): void {
  if (x.shape[dim] !== 0) return;
  throw new ShapeError(
    `${call}: a tensor of shape ${show(x.shape)} — dim ${dim} has no elements to choose from`,
  );
}
