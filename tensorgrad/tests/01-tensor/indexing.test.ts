import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import {
  fromArray,
  ones,
  type Shape,
  sizeOf,
  type Tensor,
  tensor,
  zeros,
} from "../../src/01-tensor/index.ts";
import { indices } from "../../src/01-tensor/planes.ts";
import { at, expectElements, fromEnd, tensorAndDim } from "./strided.fixture.ts";

const ints = (data: number[] | number[][]) => tensor(data, { dtype: "int32" });
const grid = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

/** An index tensor of a shape with entries below n, laid out column by column. */
const indexOf = (shape: Shape, n: number, seed: number): Tensor =>
  fromArray(
    Int32Array.from({ length: sizeOf(shape) }, (_, i) => (i * 5 + seed) % n),
    shape.toReversed(),
  ).permute(shape.map((_, d) => shape.length - 1 - d));

const plan = tensorAndDim({ minSize: 1, maxRank: 3 }).chain(([x, dim]) =>
  fc.tuple(fc.constant(x), fc.constant(dim), fc.integer({ min: 0, max: 5 }), fc.nat(9), fc.boolean()),
);

describe("indexSelect and indexAdd", () => {
  it("take slices in any order, and add them back", () => {
    expect(grid.indexSelect(1, ints([2, 0, 0])).toArray()).toEqual([
      [3, 1, 1],
      [6, 4, 4],
    ]);
    expect(
      zeros([3])
        .indexAdd(0, ints([2, 0, 2]), tensor([1, 2, 3]))
        .toArray(),
    ).toEqual([2, 0, 4]);
    expect(grid.indexSelect(0, ints([])).shape).toEqual([0, 3]);
    expect(grid.indexSelect(-1, tensor(1, { dtype: "int32" })).toArray()).toEqual([[2], [5]]);
    expect(
      tensor(5)
        .indexSelect(0, ints([0, 0]))
        .toArray(),
    ).toEqual([5, 5]);
  });

  it("look up any strides, and undo each other's sums", () => {
    fc.assert(
      fc.property(plan, ([x, dim, count, seed]) => {
        const d = fromEnd(dim, x.rank);
        const index = indexOf([count], x.shape[d], seed);
        const y = x.indexSelect(dim, index);
        expectElements(y, x.shape.with(d, count), (i) => at(x, i.with(d, at(index, [i[d]]))));
        const times = Array.from(
          { length: x.shape[d] },
          (_, j) => [...index.data].filter((k) => k === j).length,
        );
        expectElements(x.indexAdd(dim, index, y), x.shape, (i) => at(x, i) * (1 + times[i[d]]));
      }),
    );
  });

  it("say which index is wrong, and where", () => {
    expect(() => grid.indexSelect(1, [0] as never)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: indexSelect: an index of type object — indices are a tensor: tensor([0, 2], { dtype: "int32" })]`,
    );
    expect(() => grid.indexSelect(1, ints([0, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: indexSelect: index 3 at [1] along dim 1 of a tensor of shape [2, 3] — indices go from 0 to 2]`,
    );
    expect(() => grid.indexSelect(0, ints([-1]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: indexSelect: index -1 at [0] along dim 0 of a tensor of shape [2, 3] — indices go from 0 to 1]`,
    );
    expect(() => zeros([0]).indexSelect(0, ints([0]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: indexSelect: index 0 at [0] along dim 0 of a tensor of shape [0] — that dim is empty]`,
    );
    expect(() => grid.indexSelect(0, tensor([0]))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: indexSelect: an index of dtype float32 — indices are int32; use index.to("int32")]`,
    );
    expect(() => grid.indexSelect(0, ints([[0]]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: indexSelect: an index of shape [1, 1] — indices come as a list of one dim; flatten it, or use gather]`,
    );
    expect(() => grid.indexAdd(0, ints([0]), ones([2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: indexAdd: a source of shape [2, 3] float32 for a tensor of shape [2, 3] float32 and 1 indices along dim 0 — the source must be [1, 3] float32]`,
    );
  });
});

describe("gather and scatterAdd", () => {
  it("look up one element for every index, and add one back", () => {
    const index = ints([
      [2, 0],
      [1, 1],
    ]);
    expect(grid.gather(1, index).toArray()).toEqual([
      [3, 1],
      [5, 5],
    ]);
    expect(
      zeros([2, 3])
        .scatterAdd(
          1,
          index,
          tensor([
            [1, 2],
            [3, 4],
          ]),
        )
        .toArray(),
    ).toEqual([
      [2, 0, 1],
      [0, 7, 0],
    ]);
    expect(
      tensor(4)
        .gather(0, tensor(0, { dtype: "int32" }))
        .item(),
    ).toBe(4);
    expect(
      tensor(4)
        .scatterAdd(0, tensor(0, { dtype: "int32" }), tensor(1))
        .item(),
    ).toBe(5);
  });

  it("follow their definitions for any strides, also where the index is smaller", () => {
    fc.assert(
      fc.property(plan, ([x, dim, count, seed, smaller]) => {
        const d = fromEnd(dim, x.rank);
        const shape = x.shape.map((n, i) => (i === d ? count : smaller ? n - 1 : n));
        const index = indexOf(shape, x.shape[d], seed);
        const y = x.gather(dim, index);
        expectElements(y, shape, (i) => at(x, i.with(d, at(index, i))));
        const source = smaller
          ? y.pad(
              y.shape.flatMap(() => [0, 1]),
              { value: 50 },
            )
          : y;
        const sums = new Map<string, number>();
        for (const i of indices(shape)) {
          const place = String(i.with(d, at(index, i)));
          sums.set(place, (sums.get(place) ?? 0) + at(y, i));
        }
        expectElements(
          x.scatterAdd(dim, index, source),
          x.shape,
          (i) => at(x, i) + (sums.get(String(i)) ?? 0),
        );
      }),
    );
  });

  it("are each other's gradients", () => {
    const x = grid.clone();
    x.requiresGrad = true;
    const picked = x.gather(
      1,
      ints([
        [2, 2],
        [0, 1],
      ]),
    );
    expect(
      grad(
        picked
          .mul(
            tensor([
              [1, 10],
              [100, 1000],
            ]),
          )
          .sum(),
        [x],
      )[0].toArray(),
    ).toEqual([
      [0, 0, 11],
      [100, 1000, 0],
    ]);
  });

  it("say which index is wrong, and what shapes they want", () => {
    expect(() =>
      grid.gather(
        1,
        ints([
          [0, 1],
          [2, 3],
        ]),
      ),
    ).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: gather: index 3 at [1, 1] along dim 1 of a tensor of shape [2, 3] — indices go from 0 to 2]`,
    );
    expect(() => grid.gather(1, ints([[-1]]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: gather: index -1 at [0, 0] along dim 1 of a tensor of shape [2, 3] — indices go from 0 to 2]`,
    );
    expect(() => grid.gather(0, ints([0]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: gather: an index of shape [1] along dim 0 of a tensor of shape [2, 3] — both have as many dims, and the index is no larger in any other dim]`,
    );
    expect(() => grid.gather(0, tensor([[0]]))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: gather: an index of dtype float32 — indices are int32; use index.to("int32")]`,
    );
    expect(() => grid.scatterAdd(1, ints([[0, 1]]), ones([1, 1]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: scatterAdd: a source of shape [1, 1] for an index of shape [1, 2] — the source needs an element for every index]`,
    );
    expect(() =>
      grid.scatterAdd(1, ints([[0]]), ones([1, 1], { dtype: "float64" })),
    ).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: scatterAdd: a source of float64 into float32 — both must be of one dtype; use source.to("float32")]`,
    );
  });
});

describe("maskedFill", () => {
  it("overwrites where the mask holds, in the tensor's own dtype", () => {
    expect(grid.maskedFill(grid.gt(4), -Infinity).toArray()).toEqual([
      [1, 2, 3],
      [4, -Infinity, -Infinity],
    ]);
    expect(tensor([true, true]).maskedFill(tensor([false, true]), 0).dtype).toBe("bool");
    expect(grid.maskedFill(tensor([true, false, false]), 0).toArray()).toEqual([
      [0, 2, 3],
      [0, 5, 6],
    ]);
  });

  it("passes no gradient through what it filled", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    expect(grad(x.maskedFill(x.gt(1), 7).sum(), [x])[0].toArray()).toEqual([1, 0]);
  });

  it("refuses masks that are none, and values that do not fit", () => {
    expect(() => grid.maskedFill(grid, 0)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: maskedFill: a mask of dtype float32 — a mask is a tensor of bool; compare first: x.gt(0)]`,
    );
    expect(() => tensor([true]).maskedFill(tensor([true]), 2)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: maskedFill: 2 into a tensor of shape [1] bool — booleans are 0 and 1]`,
    );
    expect(() => tensor([true]).indexAdd(0, ints([0]), tensor([true]))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: indexAdd: into a tensor of shape [1] bool — booleans cannot hold sums; use x.to("int32")]`,
    );
    expect(() => ints([1]).maskedFill(tensor([true]), 0.5)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: maskedFill: 0.5 into a tensor of shape [1] int32 — only floats hold it; use x.to("float32")]`,
    );
  });
});
