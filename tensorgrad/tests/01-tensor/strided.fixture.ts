import fc from "fast-check";
import { expect } from "vitest";
import { type Shape, sizeOf, type Tensor, tensor } from "../../src/01-tensor/index.ts";
import { indices } from "../../src/01-tensor/planes.ts";

type FewTypes = "float32" | "float64" | "int32";

/**
 * Tensors of small integers (with zeros and repetitions) of any shape and dtype, seen through a transposition and a slice, also backwards:
 * mostly strided, sometimes empty, often with dims of size 1.
 */
export function anyTensor({
  minRank = 0,
  maxRank = 4,
  minSize = 0,
}: {
  readonly minRank?: number;
  readonly maxRank?: number;
  readonly minSize?: number;
} = {}): fc.Arbitrary<Tensor> {
  return fc
    .record({
      shape: fc.array(fc.integer({ min: minSize, max: 4 }), { minLength: minRank, maxLength: maxRank }),
      dtype: fc.constantFrom<FewTypes>("float32", "float64", "int32"),
      swap: fc.tuple(fc.nat(3), fc.nat(3)),
      step: fc.constantFrom(1, 2, -1, -2),
      seed: fc.nat(10),
    })
    .map(({ shape, dtype, swap, step, seed }) => {
      const rank = shape.length;
      if (rank === 0) return tensor(seed - 5, { dtype });
      const [a, b] = [swap[0] % rank, swap[1] % rank];
      const length = shape[a] * Math.abs(step);
      const stored = shape.with(a, length + 1); // one more than is seen, at the end or at the beginning
      const numbers = Array.from({ length: sizeOf(stored) }, (_, i) => ((i * 7 + seed) % 11) - 5);
      const x = tensor(numbers, { dtype })
        .reshape(stored)
        .slice(a, step > 0 ? 0 : length, step > 0 ? length : 0, step);
      return x.transpose(a, b);
    });
}

/** Of any tensor with at least one dim, and one of its dims counted from either end. */
export const tensorAndDim = (limits: { readonly maxRank?: number; readonly minSize?: number } = {}) =>
  anyTensor({ minRank: 1, ...limits }).chain((x) =>
    fc.tuple(fc.constant(x), fc.integer({ min: -x.rank, max: x.rank - 1 })),
  );

/** The element at an index, by the definition of strides. */
export const at = (x: Tensor, index: Shape): number =>
  x.storage.view[x.offset + index.reduce((sum, i, d) => sum + i * x.strides[d], 0)];

/** Expects shape and every element of y, the latter by an index function; −0 counts as 0. */
export function expectElements(y: Tensor, shape: Shape, element: (index: Shape) => number): void {
  expect(y.shape).toEqual(shape);
  for (const index of indices(shape)) expect(at(y, index) + 0, `at [${index}]`).toBe(element(index) + 0);
}

/** All elements along a dim through an index. */
export const line = (x: Tensor, dim: number, index: Shape): number[] =>
  Array.from({ length: x.shape[dim] }, (_, i) => at(x, index.with(dim, i)));

export const fromEnd = (dim: number, rank: number): number => (dim < 0 ? dim + rank : dim);
