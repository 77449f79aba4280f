import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { ones, type Tensor, tensor } from "../../index.ts";

describe("lerp", () => {
  it("goes from one to the other, and meets both ends exactly", () => {
    const [a, b] = [tensor([0.1, 1e20]), tensor([0.3, 1])];
    expect(a.lerp(b, 0).toArray()).toEqual(a.toArray());
    expect(a.lerp(b, 1).toArray()).toEqual(b.toArray()); // from the start it would be 1e20 + (1 − 1e20) = 0
    expect(
      tensor([0, 10])
        .lerp(tensor([4, 20]), tensor([0.25, 1]))
        .toArray(),
    ).toEqual([1, 20]);
    expect(tensor([2]).lerp(4, 0.5).item()).toBe(3);
  });

  it("has the slopes 1 − w, w and b − a", () => {
    for (const w of [0.25, 0.75]) {
      const [a, b, weight] = [1, 5, w].map((n) => tensor([n], { dtype: "float64", requiresGrad: true }));
      const slopes = grad(a.lerp(b, weight).sum(), [a, b, weight]).map((dx) => dx.item());
      expect(slopes).toEqual([1 - w, w, 4]);
    }
  });

  it("says what is no tensor", () => {
    expect(() => ones([2]).lerp([1, 2] as unknown as Tensor, 0.5)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: lerp: expected a tensor or a number, got object — wrap lists with tensor([…])]`,
    );
  });
});

describe("addcmul", () => {
  it("adds a scaled product", () => {
    const [a, b] = [tensor([[1], [2]]), tensor([3, 4])];
    expect(ones([2]).addcmul(a, b, { value: 0.5 }).toArray()).toEqual([
      [2.5, 3],
      [4, 5],
    ]);
    expect(ones([2]).addcmul(b, 2).toArray()).toEqual([7, 9]);
  });
});

describe("addmm", () => {
  const [a, b] = [tensor([[1, 2]]), tensor([[3], [4]])];

  it("adds a matrix product", () => {
    expect(tensor([10]).addmm(a, b).toArray()).toEqual([[21]]);
    expect(tensor([10]).addmm(a, b, { beta: 0.5, alpha: 2 }).toArray()).toEqual([[27]]);
    expect(tensor([NaN]).addmm(a, b, { beta: 0 }).toArray()).toEqual([[11]]);
  });

  it("refuses what is no product, or does not broadcast to it", () => {
    expect(() => ones([1]).addmm(a, a)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: addmm: [1] + [1, 2] · [1, 2] — two matrices [M, K] and [K, N], and what broadcasts to [M, N]]`,
    );
    expect(() => ones([2]).addmm(a, b)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: addmm: [2] + [1, 2] · [2, 1] — two matrices [M, K] and [K, N], and what broadcasts to [M, N]]`,
    );
    expect(() => ones([1]).addmm(a, 2 as unknown as Tensor)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: addmm: b is of type number — two matrices, a tensor each]`,
    );
  });
});

describe("normalize", () => {
  it("makes vectors of length 1, along dim 1 unless told", () => {
    const x = tensor([
      [3, 4],
      [0, -2],
    ]);
    const near = (rows: number[][]) => rows.map((row) => row.map((n) => expect.closeTo(n, 6)));
    expect(x.normalize().toArray()).toEqual(
      near([
        [0.6, 0.8],
        [0, -1],
      ]),
    );
    expect(x.normalize({ dim: 0, p: 1 }).toArray()).toEqual(
      near([
        [1, 4 / 6],
        [0, -2 / 6],
      ]),
    );
    expect(x.normalize({ eps: 10 }).toArray()).toEqual(
      near([
        [0.3, 0.4],
        [0, -0.2],
      ]),
    );
  });

  it("leaves zeros, with the slope 1/eps, as PyTorch does", () => {
    const x = tensor([[0, 0]], { dtype: "float64", requiresGrad: true });
    const y = x.normalize();
    expect(y.toArray()).toEqual([[0, 0]]);
    expect(grad(y.sum(), [x])[0].toArray()).toEqual([[1e12, 1e12]]);
  });

  it("refuses an eps that is no number, and a dim that is not there", () => {
    expect(() => ones([2, 2]).normalize({ eps: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: normalize: eps = NaN — a number, 0 or more]`,
    );
    expect(() => ones([2]).normalize()).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: normalize: dim 1 of a tensor of shape [2] — dims go from -1 to 0]`,
    );
  });
});
