import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyTensor, at, expectElements } from "../../../../tests/01-tensor/strided.fixture.ts";
import { ones, tensor, zeros } from "../../index.ts";

describe("tril and triu", () => {
  it("keep one side of a diagonal", () => {
    expect(ones([3, 3]).tril().toArray()).toEqual([
      [1, 0, 0],
      [1, 1, 0],
      [1, 1, 1],
    ]);
    expect(ones([2, 3]).triu(1).toArray()).toEqual([
      [0, 1, 1],
      [0, 0, 1],
    ]);
    expect(
      tensor([[NaN, NaN]])
        .tril()
        .toArray(),
    ).toEqual([[NaN, 0]]);
    expect(ones([2, 2], { dtype: "bool" }).tril().dtype).toBe("bool");
  });

  it("cut every matrix of a batch, for any strides and diagonals", () => {
    fc.assert(
      fc.property(anyTensor({ minRank: 2 }), fc.integer({ min: -5, max: 5 }), (x, k) => {
        const above = (index: readonly number[]) => (index.at(-1) as number) - (index.at(-2) as number);
        expectElements(x.tril(k), x.shape, (index) => (above(index) <= k ? at(x, index) : 0));
        expectElements(x.triu(k), x.shape, (index) => (above(index) >= k ? at(x, index) : 0));
      }),
    );
  });

  it("say that a vector has no triangle", () => {
    expect(() => zeros([3]).tril()).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: tril: a tensor of shape [3] — a matrix has at least two dims]`,
    );
    expect(() => zeros([3, 3]).triu(0.5)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: triu: diagonal 0.5 — diagonals are numbered by integers, 0 is the main one]`,
    );
  });
});
