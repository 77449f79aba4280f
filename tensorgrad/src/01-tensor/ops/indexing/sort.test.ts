import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import {
  at,
  expectElements,
  fromEnd,
  line,
  tensorAndDim,
} from "../../../../tests/01-tensor/strided.fixture.ts";
import { tensor, zeros } from "../../index.ts";

describe("sort, argsort and topk", () => {
  it("give values in order, and where they were", () => {
    const { values, indices } = tensor([
      [3, 1, 2],
      [4, 6, 5],
    ]).sort();
    expect(values.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([indices.dtype, indices.toArray()]).toEqual([
      "int32",
      [
        [1, 2, 0],
        [0, 2, 1],
      ],
    ]);
    const best = tensor([3, 9, 5, 7]).topk(2);
    expect([best.values.toArray(), best.indices.toArray()]).toEqual([
      [9, 7],
      [1, 3],
    ]);
    expect(tensor([3, 9, 5]).topk(2, 0, { largest: false }).values.toArray()).toEqual([3, 5]);
    expect(tensor(8).sort().values.item()).toBe(8);
    expect(tensor([3, 9]).topk(0).values.shape).toEqual([0]);
  });

  it("put NaN above every number, and leave equal elements in their order both ways", () => {
    const x = tensor([1, NaN, -0, Infinity, 0]);
    expect(x.argsort().toArray()).toEqual([2, 4, 0, 3, 1]);
    expect(x.argsort(0, { descending: true }).toArray()).toEqual([1, 3, 0, 2, 4]);
    expect(x.topk(1).values.item()).toBeNaN();
  });

  it("agree with sorting each line, stable, for any strides", () => {
    fc.assert(
      fc.property(tensorAndDim(), fc.boolean(), ([x, dim], descending) => {
        const d = fromEnd(dim, x.rank);
        const { values, indices } = x.sort(dim, { descending });
        const sorted = (index: readonly number[]) => {
          const elements = line(x, d, index);
          const order = [...elements.keys()];
          return order.sort((i, j) => (elements[i] - elements[j]) * (descending ? -1 : 1) || i - j);
        };
        expectElements(indices, x.shape, (index) => sorted(index)[index[d]]);
        expectElements(values, x.shape, (index) => at(x, index.with(d, at(indices, index))));
        const k = Math.min(2, x.shape[d]);
        expect(x.topk(k, dim, { largest: descending }).values.toArray()).toEqual(
          values.narrow(d, 0, k).toArray(),
        );
      }),
    );
  });

  it("find few of many as sorting does: ties, NaN, every order", () => {
    const numbers = fc.constantFrom(0, -0, 1, 2, 3, 4, Infinity, -Infinity, NaN);
    const lists = fc.array(numbers, { minLength: 24, maxLength: 60 });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 3 }), fc.boolean(), (list, k, largest) => {
        const x = tensor(list).unsqueeze(1).expand(list.length, 2);
        const { indices } = x.topk(k, 0, { largest });
        expect(indices.toArray()).toEqual(x.argsort(0, { descending: largest }).narrow(0, 0, k).toArray());
      }),
    );
  });

  it("send the gradient to where each value was", () => {
    const x = tensor([3, 1, 2], { requiresGrad: true });
    expect(
      grad(
        x
          .sort()
          .values.mul(tensor([1, 10, 100]))
          .sum(),
        [x],
      )[0].toArray(),
    ).toEqual([100, 1, 10]);
    expect(grad(x.topk(2).values.sum(), [x])[0].toArray()).toEqual([1, 0, 1]);
  });

  it("say how many there are", () => {
    expect(() => zeros([2, 3]).topk(4)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: topk: k = 4 along dim -1 of a tensor of shape [2, 3] — k goes from 0 to 3]`,
    );
    expect(() => zeros([2, 3]).sort(2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: sort: dim 2 of a tensor of shape [2, 3] — dims go from -2 to 1]`,
    );
  });
});
