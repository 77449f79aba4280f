import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { ones, tensor } from "../01-tensor/index.ts";
import { PoissonNLLLoss, poissonNLL } from "./index.ts";

const float64 = { dtype: "float64", requiresGrad: true } as const;

describe("poissonNLL", () => {
  const x = tensor([0.5, -1, 2], float64);
  const y = tensor([0, 1, 4], float64);
  const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

  it("has the values of PyTorch 1.13, with each of the options", () => {
    const plain = poissonNLL(x, y, { reduction: "none" });
    expect([...plain.data]).toEqual(near([1.6487212707001282, 1.3678794411714423, -0.6109439010693496]));
    const full = poissonNLL(x, y, { full: true, reduction: "none" });
    expect([...full.data]).toEqual(near([1.6487212707001282, 1.3678794411714423, 2.5463192571748308]));
    const counts = poissonNLL(x.abs(), y, { logInput: false, full: true, reduction: "none" });
    expect([...counts.data]).toEqual(near([0.5, 0.9999999900000001, 2.3846744160043993]));
    expect(new PoissonNLLLoss({ reduction: "sum" }).forward(x, y).item()).toBeCloseTo(2.405656810802221, 12);
  });

  it("is least where the expected count is the count, and has finite slopes where that is 0", () => {
    const exact = y.detach().log();
    exact.requiresGrad = true;
    const [dx] = grad(poissonNLL(exact.narrow(0, 1, 2), y.narrow(0, 1, 2)), [exact]);
    expect([...dx.data]).toEqual(near([0, 0, 0]));
    const [, dy] = grad(poissonNLL(x, y, { full: true }), [x, y]);
    expect([...dy.data].every(Number.isFinite)).toBe(true);
  });

  it("refuses another shape, and an eps below 0", () => {
    expect(() => poissonNLL(x, ones([2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: poissonNLL: predictions [3], targets [2] — shapes must be equal; reshape one of them]`,
    );
    expect(() => poissonNLL(x, y, { eps: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: poissonNLL: eps = -1 — a number, 0 or more]`,
    );
  });
});
