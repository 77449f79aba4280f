import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arange } from "./index.ts";
import { broadcastShapes, completeShape, normalDim, sizeOf, stretchedDims, viewStrides } from "./shape.ts";

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

describe("broadcastShapes", () => {
  it("aligns at the end; sizes are equal or 1", () => {
    expect(broadcastShapes("add", [3, 1], [4])).toEqual([3, 4]);
    expect(broadcastShapes("add", [], [2, 0])).toEqual([2, 0]);
    expect(() => broadcastShapes("add", [32, 10], [10, 32])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: add: shapes [32, 10] and [10, 32] do not broadcast: dim -1 is 10 on the left and 32 on the right (sizes must be equal, or one of them 1)]`,
    );
  });

  it("undoes itself: stretched dims are those where the result is larger", () => {
    fc.assert(
      fc.property(shapes, fc.nat(15), fc.nat(4), (shape, ones, drop) => {
        const small = shape.map((n, i) => ((ones >> i) & 1 ? 1 : n)).slice(Math.min(drop, shape.length));
        const dims = stretchedDims(small, broadcastShapes("add", small, shape));
        expect(sizeOf(shape.filter((_, i) => !dims.includes(i)))).toBe(sizeOf(small));
      }),
    );
  });
});

describe("completeShape", () => {
  it("fills in −1 and refuses to gain or lose elements", () => {
    expect(completeShape("reshape", [6, 4], [3, -1])).toEqual([3, 8]);
    expect(() => completeShape("reshape", [6], [4, -1])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: reshape: [6] to [4, -1] — 6 elements must stay 6, and at most one size may be -1]`,
    );
    expect(() => completeShape("reshape", [6], [-1, -1])).toThrow("at most one size may be -1");
  });
});

describe("normalDim", () => {
  it("counts from either end", () => {
    expect(normalDim("sum", -1, [2, 3])).toBe(1);
    expect(() => normalDim("sum", 2, [2, 3])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: sum: dim 2 of a tensor of shape [2, 3] — dims go from -2 to 1]`,
    );
  });
});

describe("viewStrides", () => {
  it("finds strides exactly where a view shows the elements in row-major order", () => {
    const sliced = fc.tuple(shapes, fc.nat(23), fc.nat(3), fc.nat(20));
    fc.assert(
      fc.property(sliced, ([shape, order, cut, split]) => {
        let x = arange(sizeOf(shape)).reshape(shape);
        if (x.rank > 1) x = x.transpose(order % x.rank, cut % x.rank);
        if (x.rank > 0 && x.shape[0] > 1) x = x.narrow(0, 0, x.shape[0] - (cut % 2));
        const factor = [1, 2, 3, 4][split % 4];
        const to = x.size % factor === 0 && x.size > 0 ? [factor, 1, x.size / factor] : [x.size];
        const strides = viewStrides(x.shape, x.strides, to);
        const packed = [...x.data];
        if (strides) expect([...x.newView(to, strides, x.offset).data]).toEqual(packed);
        expect([...x.reshape(to).data]).toEqual(packed);
        if (x.isContiguous()) expect(strides).not.toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});
