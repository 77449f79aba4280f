import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  expectElements,
  fromEnd,
  at as read,
  tensorAndDim,
} from "../../../../tests/01-tensor/strided.fixture.ts";
import { arange, ones, tensor } from "../../index.ts";

const x = arange(6).reshape(2, 3);

describe("roll", () => {
  it("moves on, and what passes the end to the beginning", () => {
    expect(x.roll(1, 1).toArray()).toEqual([
      [2, 0, 1],
      [5, 3, 4],
    ]);
    expect(x.roll([1, -1], [0, 1]).toArray()).toEqual([
      [4, 5, 3],
      [1, 2, 0],
    ]);
    expect(x.roll(2).toArray()).toEqual([
      [4, 5, 0],
      [1, 2, 3],
    ]);
    expect(tensor(3).roll(1).item()).toBe(3);
  });

  it("is y[j] = x[j − shift]", () =>
    fc.assert(
      fc.property(tensorAndDim({ minSize: 1 }), fc.integer({ min: -9, max: 9 }), ([x, dim], shift) => {
        const [d, n] = [fromEnd(dim, x.rank), x.shape[fromEnd(dim, x.rank)]];
        expectElements(x.roll(shift, dim), x.shape, (index) =>
          read(x, index.with(d, (((index[d] - shift) % n) + n) % n)),
        );
      }),
    ));

  it("refuses shifts without their dims, and fractions", () => {
    expect(() => x.roll([1, 2], 0)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: roll: shifts [1, 2] along dims [0] of a tensor of shape [2, 3] — an integer for each dim]`,
    );
    expect(() => x.roll(0.5, 0)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: roll: shifts [0.5] along dims [0] of a tensor of shape [2, 3] — an integer for each dim]`,
    );
    expect(() => x.roll(1, 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: roll: dim 2 of a tensor of shape [2, 3] — dims go from -2 to 1]`,
    );
  });
});

describe("movedim", () => {
  it("takes dims to other places, in a view", () => {
    const y = ones([2, 3, 4, 5]);
    expect(y.movedim(1, -1).shape).toEqual([2, 4, 5, 3]);
    expect(y.movedim([0, 1], [-1, -2]).shape).toEqual([4, 5, 3, 2]);
    expect(y.movedim(1, -1).storage).toBe(y.storage);
  });

  it("refuses dims that are named twice, or without a place", () => {
    expect(() => x.movedim([0, 0], [0, 1])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: movedim: dims [0, 0] to [0, 1] of a tensor of shape [2, 3] — as many places as dims, each named once]`,
    );
    expect(() => x.movedim([0, 1], 0)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: movedim: dims [0, 1] to [0] of a tensor of shape [2, 3] — as many places as dims, each named once]`,
    );
  });
});

describe("repeatInterleave", () => {
  it("says every element several times in a row", () => {
    expect(x.repeatInterleave(2, 1).toArray()).toEqual([
      [0, 0, 1, 1, 2, 2],
      [3, 3, 4, 4, 5, 5],
    ]);
    expect(x.repeatInterleave([2, 0, 1], 1).toArray()).toEqual([
      [0, 0, 2],
      [3, 3, 5],
    ]);
    expect(x.repeatInterleave(tensor([0, 2], { dtype: "int32" }), 0).toArray()).toEqual([
      [3, 4, 5],
      [3, 4, 5],
    ]);
    expect(tensor([1, 2]).repeatInterleave(2).toArray()).toEqual([1, 1, 2, 2]);
    expect(x.repeatInterleave(0, 0).shape).toEqual([0, 3]);
    expect(tensor(3).repeatInterleave(2).toArray()).toEqual([3, 3]);
  });

  it("refuses counts that do not fit the dim", () => {
    expect(() => x.repeatInterleave([1, 2], 1)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: repeatInterleave: [1, 2] times along dim 1 of a tensor of shape [2, 3] — an integer ≥ 0 for all, or one for each of the 3]`,
    );
    expect(() => x.repeatInterleave(-1, 1)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: repeatInterleave: [-1] times along dim 1 of a tensor of shape [2, 3] — an integer ≥ 0 for all, or one for each of the 3]`,
    );
    expect(() => x.repeatInterleave(tensor([1, 2]), 0)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: repeatInterleave: an index of dtype float32 — indices are int32; use index.to("int32")]`,
    );
  });
});
