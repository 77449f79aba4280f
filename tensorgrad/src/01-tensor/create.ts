import {
  checked,
  type DType,
  defaultRandom,
  expectArgument,
  type Half,
  isList,
  type Random,
} from "../00-runtime/index.ts";
import { fillWith } from "./ops/shape/copy.ts";
import { numbersOf, stored, type TensorData } from "./parse.ts";
import { checkShape, completeShape, type Shape } from "./shape.ts";
import { emptyLayout } from "./strided.ts";
import { Tensor, type TensorOptions } from "./tensor.ts";

/** Ways to make tensors. Random ones take `{ random }`, a generator of their own; else the default one draws. */
export interface RandomOptions extends TensorOptions {
  readonly random?: Random;
}

/** A tensor of nested lists, a number or a typed array (copied). */
export const tensor = (data: TensorData, options: TensorOptions = {}): Tensor => new Tensor(data, options);

function make(call: string, shape: Shape | number, options: TensorOptions): Tensor {
  const { dtype = "float32", requiresGrad = false } = checked(call, options, ["dtype", "requiresGrad"]);
  const sizes = typeof shape === "number" ? [shape] : shape;
  checkShape(call, sizes);
  const made = new Tensor(emptyLayout(sizes, dtype));
  if (requiresGrad) made.requiresGrad = true;
  return made;
}

/** Elements in row-major order (copied) in the given shape. */
export function fromArray(data: ArrayLike<number>, shape: Shape, options: TensorOptions = {}): Tensor {
  expectArgument(isList(data), "fromArray", "data", data, "a list of numbers or a typed array");
  checked("fromArray", options, ["dtype", "requiresGrad"]);
  const sizes = completeShape("fromArray", [data.length], shape);
  const own = ArrayBuffer.isView(data)
    ? numbersOf(data, "fromArray")
    : { array: data, dtype: "float32" as const };
  const dtype = options.dtype ?? own.dtype;
  const numbers = stored(own.array, dtype, "fromArray"); // before anything is allocated
  const made = make("fromArray", sizes, { ...options, dtype });
  made.storage.write(numbers);
  return made;
}

/** A tensor of 16 bits from the patterns that are stored, as `bits` gives them. */
export function fromBits(bits: Uint16Array, shape: Shape, dtype: Half): Tensor {
  expectArgument(bits instanceof Uint16Array, "fromBits", "bits", bits, "a Uint16Array");
  const made = make("fromBits", completeShape("fromBits", [bits.length], shape), { dtype });
  made.storage.view.set(bits);
  return made;
}

/** A tensor of this shape that holds `value` everywhere; float32 unless a dtype is given. */
export function full(shape: Shape | number, value: number, options: TensorOptions = {}): Tensor {
  const isNumber = typeof value === "number" || typeof value === "boolean";
  expectArgument(isNumber, "full", "value", value, "a number");
  return fillWith(make("full", shape, options), stored([value], options.dtype ?? "float32", "full")[0]);
}
/** A tensor of zeros, float32 unless a dtype is given. */
export const zeros = (shape: Shape | number, options: TensorOptions = {}): Tensor =>
  fillWith(make("zeros", shape, options), 0);
/** A tensor of ones, float32 unless a dtype is given. */
export const ones = (shape: Shape | number, options: TensorOptions = {}): Tensor =>
  fillWith(make("ones", shape, options), 1);
/** Zeros in the shape and dtype of x. */
export const zerosLike = (x: Tensor, options: TensorOptions = {}): Tensor =>
  zeros(like("zerosLike", x).shape, {
    dtype: x.dtype,
    ...checked("zerosLike", options, ["dtype", "requiresGrad"]),
  });
/** Ones in the shape and dtype of x. */
export const onesLike = (x: Tensor, options: TensorOptions = {}): Tensor =>
  ones(like("onesLike", x).shape, {
    dtype: x.dtype,
    ...checked("onesLike", options, ["dtype", "requiresGrad"]),
  });

function like(call: string, x: Tensor): Tensor {
  expectArgument(x instanceof Tensor, call, "x", x, "a tensor");
  return x;
}

/** The identity matrix. */
export function eye(n: number, options: TensorOptions = {}): Tensor {
  const made = fillWith(make("eye", [n, n], options), 0);
  for (let i = 0; i < n; i++) made.storage.write([1], i * (n + 1));
  return made;
}

/** start, start + step, … before end; with one argument, 0 … end − 1. Integers unless a dtype or fractions say otherwise. */
export function arange(start: number, end?: number, step = 1, options: TensorOptions = {}): Tensor {
  checked("arange", options, ["dtype", "requiresGrad"]);
  const [from, to] = end === undefined ? [0, start] : [start, end];
  if (!(Math.abs(step) > 0) || !Number.isFinite((to - from) / step)) {
    throw new RangeError(
      `arange: from ${from} to ${to} in steps of ${step} — numbers must be finite and the step not 0`,
    );
  }
  const count = Math.max(0, Math.ceil((to - from) / step));
  const dtype: DType = [from, to, step].every(Number.isInteger) ? "int32" : "float32";
  return numbered("arange", count, { dtype, ...options }, (i) => from + i * step);
}

/** `count` numbers from start to end, both included, equally far apart. */
export function linspace(start: number, end: number, count: number, options: TensorOptions = {}): Tensor {
  checkShape("linspace", [count]);
  const step = count === 1 ? 0 : (end - start) / (count - 1);
  return numbered("linspace", count, options, (i) => (i === count - 1 && i > 0 ? end : start + i * step));
}

/** `count` numbers by their position, written where the tensor has them: nothing of that size lies anywhere else. */
function numbered(call: string, count: number, options: TensorOptions, at: (i: number) => number): Tensor {
  const made = make(call, [count], options);
  for (const i of [0, count - 1]) if (count > 0) stored([at(i)], made.dtype, call); // the others lie between
  return writtenBy(made, at);
}

function writtenBy(made: Tensor, at: (i: number) => number): Tensor {
  const { view } = made.storage;
  if (made.isHalf) made.storage.write(Float64Array.from({ length: made.size }, (_, i) => at(i)));
  else for (let i = 0; i < made.size; i++) view[i] = at(i);
  return made;
}

function drawn(
  call: string,
  shape: Shape | number,
  given: RandomOptions,
  draw: (random: Random) => number,
): Tensor {
  const { random = defaultRandom, ...options } = checked(call, given, ["dtype", "requiresGrad", "random"]);
  return writtenBy(make(call, shape, options), () => draw(random));
}

/** So many numbers are equally far apart in [0, 1): more would be rounded, up to 1 in the end. */
const uniformSteps = (dtype: DType): number =>
  dtype === "float16" ? 2 ** 11 : dtype === "bfloat16" ? 2 ** 8 : 2 ** 24;

/** Uniform in [0, 1): a draw never rounds up to 1. */
export const rand = (shape: Shape | number, options: RandomOptions = {}): Tensor => {
  const steps = uniformSteps(options?.dtype ?? "float32");
  return drawn("rand", shape, options, (random) => Math.floor(random.uniform() * steps) / steps);
};

/** Normal with mean 0 and deviation 1. */
export const randn = (shape: Shape | number, options: RandomOptions = {}): Tensor =>
  drawn("randn", shape, options, (random) => random.normal());

/** Integers from low to before high. */
export function randint(
  low: number,
  high: number,
  shape: Shape | number,
  options: RandomOptions = {},
): Tensor {
  checked("randint", options, ["dtype", "requiresGrad", "random"]);
  if (!(Number.isInteger(low) && Number.isInteger(high) && low < high)) {
    throw new RangeError(`randint: from ${low} to before ${high} — two integers, the first below the second`);
  }
  return drawn(
    "randint",
    shape,
    { dtype: "int32", ...options },
    (random) => low + random.integer(high - low),
  );
}

/** 0 … n − 1 in random order. */
export function randperm(n: number, given: RandomOptions = {}): Tensor {
  const { random = defaultRandom, ...options } = checked("randperm", given, [
    "dtype",
    "requiresGrad",
    "random",
  ]);
  return fromArray(random.permutation(n), [n], options);
}
