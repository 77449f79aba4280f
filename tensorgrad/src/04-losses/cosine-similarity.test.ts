import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { ones, tensor } from "../01-tensor/index.ts";
import { CosineSimilarity, cosineSimilarity } from "./index.ts";

const float64 = { dtype: "float64", requiresGrad: true } as const;

describe("cosineSimilarity", () => {
  it("is 1 along one direction, −1 against it, 0 at a right angle, whatever the lengths", () => {
    const a = tensor(
      [
        [3, 4],
        [3, 4],
        [3, 4],
      ],
      float64,
    );
    const b = tensor(
      [
        [6, 8],
        [-0.3, -0.4],
        [4, -3],
      ],
      float64,
    );
    expect([...cosineSimilarity(a, b).data]).toEqual([1, -1, 0].map((y) => expect.closeTo(y, 14)));
    expect(cosineSimilarity(ones([2, 3, 4]), ones([3, 1]), { dim: 0 }).shape).toEqual([3, 4]);
  });

  it("divides by eps at least, for each length (values of PyTorch 1.13)", () => {
    const [a, b] = [tensor([3, 4], float64), tensor([1, 2], float64)];
    expect(cosineSimilarity(a, b, { dim: 0, eps: 10 }).item()).toBeCloseTo(0.11, 14);
    const zero = tensor([0, 0], float64);
    const y = new CosineSimilarity({ dim: 0 }).forward(zero, b);
    expect(y.item()).toBe(0);
    expect([...grad(y, [zero])[0].data]).toEqual([
      expect.closeTo(1e8 / Math.sqrt(5), 4),
      expect.closeTo(2e8 / Math.sqrt(5), 4),
    ]);
  });

  it("has a gradient at a right angle to the vector: its length does not matter", () => {
    const [a, b] = [tensor([3, 4], float64), tensor([1, 2], float64)];
    const [da] = grad(cosineSimilarity(a, b, { dim: 0 }), [a]);
    expect(da.dot(a).item()).toBeCloseTo(0, 14);
  });

  it("refuses shapes that do not broadcast, dims that are not there, and an eps below 0", () => {
    expect(() => cosineSimilarity(ones([2, 3]), ones([2, 4]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: cosineSimilarity: shapes [2, 3] and [2, 4] do not broadcast: dim -1 is 3 on the left and 4 on the right (sizes must be equal, or one of them 1)]`,
    );
    expect(() => cosineSimilarity(ones([2]), ones([2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: cosineSimilarity: dim 1 of a tensor of shape [2] — dims go from -1 to 0]`,
    );
    expect(() =>
      cosineSimilarity(ones([2, 2]), ones([2, 2]), { eps: -1 }),
    ).toThrowErrorMatchingInlineSnapshot(`[RangeError: cosineSimilarity: eps = -1 — a number, 0 or more]`);
  });
});
