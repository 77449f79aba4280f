import { describe, expect, it } from "vitest";
import { type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import "tensorgrad";
import { L1Loss, l1 } from "./index.ts";

describe("l1", () => {
  const [x, y] = [tensor([1, 2, 4]), tensor([3, 2, 3])];

  it("is the mean of absolute differences: (2 + 0 + 1)/3", () => {
    expect(l1(x, y).item()).toBe(1);
    expect(l1(x, y, { reduction: "sum" }).item()).toBe(3);
    expect(l1(x, y, { reduction: "none" }).toArray()).toEqual([2, 0, 1]);
    expect(l1(x.to("int32"), y.to("int32")).item()).toBe(1);
  });

  it("has the gradient sign(x − y)/n, 0 where they are equal", () => {
    const [a, b] = [x, y].map((values) => tensor(values.toArray() as number[], { requiresGrad: true }));
    l1(a, b, { reduction: "sum" }).backward();
    expect(a.grad?.toArray()).toEqual([-1, 0, 1]);
    expect(slopes(b)).toEqual([1, 0, -1]);
  });

  it("keeps NaN and ∞, and has no value for nothing, as in PyTorch", () => {
    expect(l1(tensor([NaN, 1]), zeros([2])).item()).toBeNaN();
    expect(l1(tensor([-Infinity, 1]), zeros([2])).item()).toBe(Infinity);
    expect(l1(zeros([0]), zeros([0])).item()).toBeNaN();
    expect(l1(zeros([0]), zeros([0]), { reduction: "sum" }).item()).toBe(0);
  });

  it("refuses shapes that only broadcasting would reconcile, and what is no tensor", () => {
    expect(() => l1(zeros([32, 1]), zeros([32]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: l1: predictions [32, 1], targets [32] — shapes must be equal; reshape one of them]`,
    );
    const list: unknown = [1, 2, 3];
    expect(() => l1(x, list as typeof y)).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: l1: targets are a list — expected a tensor; make one with tensor(…)]`,
    );
    const word: unknown = "average";
    expect(() => l1(x, y, { reduction: word as "mean" })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: l1: reduction = "average" — "mean", "sum" or "none"]`,
    );
  });

  it("is an object that keeps its options and prints them", () => {
    expect(new L1Loss().forward(x, y).item()).toBe(1);
    expect(new L1Loss({ reduction: "sum" }).forward(x, y).item()).toBe(3);
    expect(String(new L1Loss({ reduction: "sum" }))).toBe('L1Loss(reduction: "sum")');
  });
});

/** The gradient, with 0 for −0. */
const slopes = ({ grad }: Tensor): number[] => Array.from(grad?.data ?? [], (g) => g + 0);
