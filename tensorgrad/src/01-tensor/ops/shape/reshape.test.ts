import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyTensor, at, expectElements } from "../../../../tests/01-tensor/strided.fixture.ts";
import { stack, tensor, zeros } from "../../index.ts";

const grid = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

describe("split, chunk and repeat", () => {
  it("cut a dim into parts", () => {
    expect(grid.split(2, 1).map((part) => part.toArray())).toEqual([
      [
        [1, 2],
        [4, 5],
      ],
      [[3], [6]],
    ]);
    expect(grid.split([0, 2, 1], -1).map(({ shape }) => shape[1])).toEqual([0, 2, 1]);
    expect(
      zeros([0])
        .split(3)
        .map(({ shape }) => shape),
    ).toEqual([[0]]);
    expect(
      zeros([10])
        .chunk(4)
        .map(({ size }) => size),
    ).toEqual([3, 3, 3, 1]);
    expect(
      zeros([5])
        .chunk(4)
        .map(({ size }) => size),
    ).toEqual([2, 2, 1]); // as PyTorch rounds
    expect(
      zeros([0, 2])
        .chunk(2)
        .map(({ shape }) => shape),
    ).toEqual([
      [0, 2],
      [0, 2],
    ]);
  });

  it("repeat the whole along any dims", () => {
    expect(tensor([1, 2]).repeat(2).toArray()).toEqual([1, 2, 1, 2]);
    expect(tensor([1, 2]).repeat(2, 1).toArray()).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(grid.repeat([3, 0]).shape).toEqual([6, 0]);
    fc.assert(
      fc.property(
        anyTensor({ maxRank: 3 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3 }),
        (x, all) => {
          const times = all.slice(0, x.rank);
          expectElements(
            x.repeat(times),
            x.shape.map((n, d) => n * times[d]),
            (index) =>
              at(
                x,
                index.map((i, d) => i % x.shape[d]),
              ),
          );
        },
      ),
    );
  });

  it("say which sizes add up", () => {
    expect(() => grid.split(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: split: dim 0 of [2, 3] into parts of 0 — a part has an integer number of elements, at least 1]`,
    );
    expect(() => grid.split([1, 1], 1)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: split: dim 1 of [2, 3] into [1, 1] — sizes are integers ≥ 0 that add up to 3]`,
    );
    expect(() => grid.chunk(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: chunk: dim 0 of [2, 3] into 0 — an integer ≥ 1]`,
    );
    expect(() => grid.repeat(2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: repeat: [2, 3] [2] times — a number ≥ 0 for each of the 2 dims, and for new ones before them]`,
    );
  });
});

describe("stack", () => {
  it("joins along a new dim, and speaks of the shapes it was given", () => {
    expect(stack([grid, grid], -1).shape).toEqual([2, 3, 2]);
    expect(() => stack([grid, zeros([2, 2])])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: stack: [2, 3] and [2, 2] — all shapes must be equal; cat joins others]`,
    );
    expect(() => stack([])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: stack: no tensors — at least one is needed]`,
    );
    expect(() => stack([grid], 3)).toThrow("unsqueeze: dim 3 of a tensor of shape [2, 3]");
  });
});

describe("clamp", () => {
  it("refuses bounds that are no numbers", () => {
    expect(() => grid.clamp(NaN, 1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: clamp: from NaN to 1 — bounds are numbers; an end left out stays open]`,
    );
  });
});
