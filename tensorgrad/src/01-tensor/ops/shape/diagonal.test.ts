import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { anyTensor, at, expectElements } from "../../../../tests/01-tensor/strided.fixture.ts";
import { arange, ones, tensor } from "../../index.ts";

describe("diagonal", () => {
  const x = arange(12).reshape(3, 4);

  it("is a view of the elements on a line", () => {
    expect(x.diagonal().toArray()).toEqual([0, 5, 10]);
    expect(x.diagonal({ offset: 1 }).toArray()).toEqual([1, 6, 11]);
    expect(x.diagonal({ offset: -2 }).toArray()).toEqual([8]);
    expect(x.diagonal({ offset: 4 }).shape).toEqual([0]);
    expect(x.diagonal().storage).toBe(x.storage);
  });

  it("is x[i, i + offset] of any two dims, the others before", () =>
    fc.assert(
      fc.property(
        anyTensor({ minRank: 2 }),
        fc.nat(3),
        fc.nat(3),
        fc.integer({ min: -3, max: 3 }),
        (x, a, b, offset) => {
          const [dim0, dim1] = [a % x.rank, b % x.rank];
          fc.pre(dim0 !== dim1);
          const others = [...x.shape.keys()].filter((d) => d !== dim0 && d !== dim1);
          const [rows, cols] = [x.shape[dim0] - Math.max(0, -offset), x.shape[dim1] - Math.max(0, offset)];
          const length = Math.max(0, Math.min(rows, cols));
          expectElements(
            x.diagonal({ offset, dim0, dim1 }),
            [...others.map((d) => x.shape[d]), length],
            (index) => {
              const i = index.at(-1) as number;
              const full = new Array<number>(x.rank);
              others.forEach((d, k) => {
                full[d] = index[k];
              });
              [full[dim0], full[dim1]] = [i + Math.max(0, -offset), i + Math.max(0, offset)];
              return at(x, full);
            },
          );
        },
      ),
    ));

  it("passes g to the diagonal alone, also an infinite one", () => {
    const leaf = ones([2, 3], { requiresGrad: true });
    const [dx] = grad(
      leaf
        .diagonal({ offset: 1 })
        .mul(tensor([Infinity, 2]))
        .sum(),
      [leaf],
    );
    expect(dx.toArray()).toEqual([
      [0, Infinity, 0],
      [0, 0, 2],
    ]);
  });

  it("refuses what spans no matrices", () => {
    expect(() => x.diagonal({ dim0: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: diagonal: dims 1 and 1 of a tensor of shape [3, 4] — two different dims span the matrices]`,
    );
    expect(() => ones([3]).diagonal({ dim1: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: diagonal: dims 0 and 0 of a tensor of shape [3] — two different dims span the matrices]`,
    );
    expect(() => x.diagonal({ offset: 0.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: diagonal: offset 0.5 of a tensor of shape [3, 4] — an integer]`,
    );
  });
});

describe("trace", () => {
  it("sums a matrix's diagonal", () => {
    expect(arange(12).reshape(3, 4).trace().item()).toBe(15);
    expect(() => ones([2, 2, 2]).trace()).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: trace: a tensor of shape [2, 2, 2] — a matrix; for batches x.diagonal(…).sum(-1)]`,
    );
  });
});
