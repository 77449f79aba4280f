import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  anyTensor,
  at,
  expectElements,
  fromEnd,
  line,
  tensorAndDim,
} from "../../../../tests/01-tensor/strided.fixture.ts";
import { tensor, zeros } from "../../index.ts";

describe("cumsum", () => {
  it("adds up along a dim", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x.cumsum(1).toArray()).toEqual([
      [1, 3, 6],
      [4, 9, 15],
    ]);
    expect(x.cumsum(-2).toArray()).toEqual([
      [1, 2, 3],
      [5, 7, 9],
    ]);
    expect(tensor(3).cumsum(0).item()).toBe(3);
    expect(zeros([0]).cumsum(0).shape).toEqual([0]);
  });

  it("counts booleans and bytes in int32", () => {
    const counts = tensor([true, false, true]).cumsum(0);
    expect([counts.dtype, counts.toArray()]).toEqual(["int32", [1, 1, 2]]);
    expect(tensor([200, 100], { dtype: "uint8" }).cumsum(0).toArray()).toEqual([200, 300]);
  });

  it("is the sum of everything before, for any strides", () => {
    fc.assert(
      fc.property(tensorAndDim(), ([x, dim]) => {
        const d = fromEnd(dim, x.rank);
        expectElements(x.cumsum(dim), x.shape, (index) =>
          line(x, d, index)
            .slice(0, index[d] + 1)
            .reduce((sum, value) => sum + value, 0),
        );
      }),
    );
  });

  it("says which dims there are", () => {
    expect(() => zeros([2, 3]).cumsum(2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: cumsum: dim 2 of a tensor of shape [2, 3] — dims go from -2 to 1]`,
    );
  });
});

describe("flip", () => {
  it("turns dims round", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(x.flip(1).toArray()).toEqual([
      [2, 1],
      [4, 3],
    ]);
    expect(x.flip([0, -1]).toArray()).toEqual([
      [4, 3],
      [2, 1],
    ]);
  });

  it("reads every chosen dim from its end, for any strides", () => {
    const withDims = anyTensor().chain((x) => fc.tuple(fc.constant(x), fc.subarray([...x.shape.keys()])));
    fc.assert(
      fc.property(withDims, ([x, dims]) => {
        expectElements(x.flip(dims), x.shape, (index) =>
          at(
            x,
            index.map((i, d) => (dims.includes(d) ? x.shape[d] - 1 - i : i)),
          ),
        );
      }),
    );
  });

  it("names each dim once", () => {
    expect(() => zeros([2, 3]).flip([0, -2])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: flip: dims [0, -2] of a tensor of shape [2, 3] — each dim may be named once]`,
    );
  });
});
