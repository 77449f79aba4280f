import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { arange, type Index, ones, tensor, zeros } from "../../index.ts";

const int = (data: number[] | number[][] | number) => tensor(data, { dtype: "int32" });
const x = arange(24).reshape(2, 3, 4);

describe("index", () => {
  it("takes rows by a tensor of any shape", () => {
    expect(x.index(int([1, 0, 1])).shape).toEqual([3, 3, 4]);
    expect(x.index(int([[1], [0]])).shape).toEqual([2, 1, 3, 4]);
    expect(x.index(int(1)).toArray()).toEqual(x.select(0, 1).toArray());
    expect(
      arange(5)
        .index(
          int([
            [4, -1],
            [0, -5],
          ]),
        )
        .toArray(),
    ).toEqual([
      [4, 4],
      [0, 0],
    ]);
  });

  it("broadcasts several", () => {
    expect(x.index(int([0, 1]), int([2, 0])).toArray()).toEqual([
      [8, 9, 10, 11],
      [12, 13, 14, 15],
    ]);
    expect(x.index(int([[0], [1]]), int([0, 2]), int(3)).toArray()).toEqual([
      [3, 11],
      [15, 23],
    ]);
  });

  it("leaves their dims in place, or puts them first where others lie between (shapes of PyTorch 1.13)", () => {
    const z = zeros([5, 2, 3, 4]);
    const pair = int([0, 1]);
    expect(z.index(":", pair, pair).shape).toEqual([5, 2, 4]);
    expect(z.index(pair, ":", pair).shape).toEqual([2, 2, 4]);
    expect(z.index(":", pair, 0, int([1, 2])).shape).toEqual([5, 2]);
    expect(z.index(0, ":", pair).shape).toEqual([2, 2, 4]);
    expect(z.index("...", pair).shape).toEqual([5, 2, 3, 2]);
    expect(z.index(pair, "...", 0).shape).toEqual([2, 2, 3]);
  });

  it("puts the right elements there", () => {
    const [i, k] = [
      [1, 0],
      [3, 1],
    ];
    const y = x.index(int(i), ":", int(k)); // [2, 3]
    expect(y.toArray()).toEqual(i.map((_, n) => [0, 1, 2].map((j) => i[n] * 12 + j * 4 + k[n])));
  });

  it("takes what masks hold, in as many dims as they have", () => {
    expect(x.index(x.gt(20)).toArray()).toEqual([21, 22, 23]);
    const mask = tensor([
      [true, false, false],
      [false, false, true],
    ]);
    expect(x.index(mask).toArray()).toEqual([
      [0, 1, 2, 3],
      [20, 21, 22, 23],
    ]);
    expect(x.index(":", tensor([false, true, false])).shape).toEqual([2, 1, 4]);
    expect(x.index(x.gt(99)).shape).toEqual([0]);
    expect(zeros([5, 2, 3, 4]).index(int([1]), ":", zeros([3, 4], { dtype: "bool" })).shape).toEqual([0, 2]);
    expect(x.index(tensor([true, true]), int([0, 2])).toArray()).toEqual([
      [0, 1, 2, 3],
      [20, 21, 22, 23],
    ]);
  });

  it("is a view where only numbers are given, and x itself for all of it", () => {
    expect(x.index(1, -1).toArray()).toEqual([20, 21, 22, 23]);
    expect(x.index(1).storage).toBe(x.storage);
    expect(x.index("...")).toBe(x);
  });

  it("adds up the gradients of what is taken twice", () => {
    const leaf = ones([3], { requiresGrad: true });
    expect(
      grad(
        leaf
          .index(
            int([
              [0, 2],
              [2, -1],
            ]),
          )
          .sum(),
        [leaf],
      )[0].toArray(),
    ).toEqual([1, 0, 3]);
  });

  it("says what is wrong with an index", () => {
    expect(() => x.index(int([0, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: index: index 2 along dim 0 of a tensor of shape [2, 3, 4] — indices go from -2 to 1 there]`,
    );
    expect(() => x.index(":", int([-4]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: index: index -4 along dim 1 of a tensor of shape [2, 3, 4] — indices go from -3 to 2 there]`,
    );
    expect(() => x.index(0, 3)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: index: index 3 of a tensor of shape [2, 3, 4] — indices go from -3 to 2 there]`,
    );
    expect(() => zeros([0]).index(int([0]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: index: index 0 along dim 0 of a tensor of shape [0] — that dim is empty]`,
    );
    expect(() => x.index(tensor([0, 1]))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: index: an index of dtype float32 — indices are int32; use index.to("int32")]`,
    );
    expect(() => x.index(tensor([true, false, true]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: index: a mask of shape [3] for dims [2] of a tensor of shape [2, 3, 4] — both must be equal]`,
    );
    expect(() => x.index(int([0, 1]), int([0, 1, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: index: shapes [2] and [3] do not broadcast: dim -1 is 2 on the left and 3 on the right (sizes must be equal, or one of them 1)]`,
    );
    expect(() => x.index(0, 0, 0, 0)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: index: 4 indices for 4 dims of a tensor of shape [2, 3, 4] — at most 3, and at most one "..."]`,
    );
    expect(() => x.index("...", 0, "...")).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: index: 3 indices for 1 dims of a tensor of shape [2, 3, 4] — at most 3, and at most one "..."]`,
    );
    expect(() => x.index(null as unknown as Index)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: index: null for a tensor of shape [2, 3, 4] — an index is a tensor of int32 or bool, an integer, ":" or "..."]`,
    );
    expect(() => x.index("::" as Index)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: index: "::" for a tensor of shape [2, 3, 4] — an index is a tensor of int32 or bool, an integer, ":" or "..."]`,
    );
    expect(() => x.index(tensor(true))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: index: a mask of shape [] — a mask has at least one dim]`,
    );
  });
});
