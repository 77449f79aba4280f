import { Function, type Tensor } from "tensorgrad";
import type { TensorFunction } from "./evaluate.ts";

/** A function of any library, or of none: a number of a list of numbers, and the gradient that somebody claims for it. */
export interface PlainFunction {
  readonly value: (x: Float64Array) => number;
  readonly gradient: (x: Float64Array) => ArrayLike<number>;
}

export const isPlain = (fn: unknown): fn is PlainFunction =>
  ["value", "gradient"].every((name) => typeof (fn as Record<string, unknown> | null)?.[name] === "function");

/** The same as a function of one tensor, whose elements it sees in row-major order. */
export const tensorFunction =
  (fn: PlainFunction): TensorFunction =>
  (x) =>
    new Plain(fn).apply(x);

class Plain extends Function {
  readonly #fn: PlainFunction;
  #x!: Tensor;
  constructor(fn: PlainFunction) {
    super();
    this.#fn = fn;
  }
  forward(x: Tensor): Tensor {
    this.#x = x;
    const value = this.#fn.value(Float64Array.from(x.data));
    if (typeof value === "number") return x.newFrom([value], []);
    throw new TypeError(`checkGradients: value(x) gave ${typeof value} — expected a number`);
  }
  backward(g: Tensor): Tensor[] {
    const list = this.#fn.gradient(Float64Array.from(this.#x.data));
    if (list?.length !== this.#x.size)
      throw new TypeError(
        `checkGradients: gradient(x) gave ${list?.length === undefined ? typeof list : `${list.length} numbers`} for ${this.#x.size} — one for each of x`,
      );
    return [g.mul(this.#x.newFrom(list, this.#x.shape))];
  }
}
