import { type differences, type Function, fromArray, type Random, type Tensor } from "tensorgrad";
import { recordAll } from "tensorgrad/runtime";

/** A function of tensors, as a user writes it: floats are differentiated, anything else is passed through. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor;

/** One drawn case: a function and where to differentiate it. Sizes, dims and options are drawn with the inputs. */
export interface Example {
  readonly inputs: readonly Tensor[];
  /** Has to give the same result for the same inputs: randomness is reseeded inside. */
  readonly run: TensorFunction;
  /** The options, as typed: `{ stride: 2 }`. */
  readonly options?: string;
  /** Reorderings of the inputs that the result goes along with; every dim of them if it works element by element. */
  readonly symmetries?: "elementwise" | readonly Symmetry[];
}

/**
 * Inputs reordered along one dim each (null: left alone), in the same way, reorder the result along `output`, or leave it
 * as it is (null). The rows of a in a·b: `{ inputs: [0, null], output: 0 }`; any dim that is summed: `{ inputs: [d], output: null }`.
 */
export interface Symmetry {
  readonly inputs: readonly (number | null)[];
  readonly output: number | null;
}

/** One list of numbers per input, row-major; empty for inputs that have no gradient. */
export type Directions = readonly Float64Array[];

/** Entries of ±[0.5, 1], multiples of 2^-20: no element goes unprobed, and none is rounded by float32. */
export function randomDirection(size: number, random: Random): Float64Array {
  return Float64Array.from({ length: size }, () => {
    const bits = random.bits();
    return ((bits & 1 ? 1 : -1) * (2 ** 19 + (bits >>> 13))) / 2 ** 20;
  });
}

export function randomDirections(inputs: readonly Tensor[], random: Random): Directions {
  return inputs.map((x) => (x.isFloat ? randomDirection(x.size, random) : new Float64Array(0)));
}

/** Σ a·b over all lists. */
export function inner(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number {
  let sum = 0;
  a.forEach((list, k) => {
    for (let i = 0; i < list.length; i++) sum += list[i] * b[k][i];
  });
  return sum;
}

/** Σ |a·b|: how large the terms of `inner` were, and so how large its rounding may be. */
export function magnitude(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number {
  let sum = 0;
  a.forEach((list, k) => {
    for (let i = 0; i < list.length; i++) sum += Math.abs(list[i] * b[k][i]);
  });
  return sum;
}

/** The inputs t along u, contiguous; themselves at t = 0. */
export function moved(inputs: readonly Tensor[], u: Directions, t: number): Tensor[] {
  if (t === 0) return [...inputs];
  return inputs.map((x, k) => {
    if (u[k].length === 0) return x;
    return fromArray(x.data.map((value, i) => value + t * u[k][i]) as Float64Array, x.shape, {
      dtype: x.dtype,
    });
  });
}

/** Fresh leaves with the same storage and strides, so that gradients land nowhere else. */
export function leaves(inputs: readonly Tensor[]): Tensor[] {
  return inputs.map((x) => {
    const leaf = x.detach();
    if (leaf.isFloat) leaf.requiresGrad = true;
    return leaf;
  });
}

/** Backward of ⟨v, y⟩; false where nothing flows back. */
export function backward(y: Tensor, v: Float64Array, createGraph = false): boolean {
  if (y.requiresGrad) y.backward(fromArray(v, y.shape, { dtype: y.dtype }), { createGraph });
  return y.requiresGrad;
}

/** The gradient of ⟨v, f⟩ by backward, one list per input: zeros where backward leaves none. */
export function gradients(example: Example, v: Float64Array, createGraph = false): Float64Array[] {
  const x = leaves(example.inputs);
  backward(example.run(...x), v, createGraph);
  return gradientsOf(x);
}

/** `gradients`, computed once per example: nearly every law compares something with it. */
export function plainGradients(example: Example, v: Float64Array): readonly Float64Array[] {
  const known = plain.get(example);
  if (known?.v === v) return known.gradients;
  const found = gradients(example, v);
  plain.set(example, { v, gradients: found });
  return found;
}

const plain = new WeakMap<Example, { readonly v: Float64Array; readonly gradients: Float64Array[] }>();

export function gradientsOf(x: readonly Tensor[]): Float64Array[] {
  return x.map((leaf) =>
    leaf.grad ? Float64Array.from(leaf.grad.data) : new Float64Array(leaf.isFloat ? leaf.size : 0),
  );
}

/** The outputs at these inputs, with a number that names the side of every kink on the way. */
export function evaluate(run: TensorFunction, inputs: readonly Tensor[]): { y: Tensor; branch: number } {
  const y = recordAll(() => run(...inputs));
  return { y, branch: branchOf(y) };
}

/** ⟨v, f(x)⟩ */
export function contracted(
  run: TensorFunction,
  inputs: readonly Tensor[],
  v: Float64Array,
): differences.Sample {
  const { y, branch } = evaluate(run, inputs);
  return { value: inner([y.data], [v]), branch };
}

/**
 * A hash of the branches that were taken, in the order of a walk over the graph. A branch is the signature of an
 * operation with kinks, or a computed tensor that is not float (the outcome of a comparison, a position). Behind such
 * a tensor kinks do not matter: what it says is all that gets through.
 */
export function branchOf(output: Tensor): number {
  let hash = 0x811c9dc5;
  const mix = (list: ArrayLike<number>) => {
    for (let i = 0; i < list.length; i++) hash = Math.imul(hash ^ list[i], 0x01000193) >>> 0;
    hash = Math.imul(hash ^ list.length, 0x01000193) >>> 0;
  };
  const seen = new Set<Function>();
  const open: Tensor[] = [output];
  for (let t = open.pop(); t !== undefined; t = open.pop()) {
    if (t.gradFn === null || seen.has(t.gradFn)) continue;
    seen.add(t.gradFn);
    if (!t.isFloat) mix(t.data);
    else {
      const signature = t.gradFn.signature();
      if (signature) mix(signature); // operations without kinks leave no trace: a strided input may need one more
      open.push(...t.gradFn.prev);
    }
  }
  return hash;
}
