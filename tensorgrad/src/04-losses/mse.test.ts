import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../01-tensor/index.ts";
import { MSELoss, mse } from "./index.ts";

const float64 = { dtype: "float64" } as const;
const numbers = fc.array(
  fc.integer({ min: -2048, max: 2048 }).map((n) => n / 256),
  { minLength: 1, maxLength: 8 },
);

describe("mse", () => {
  const [x, y] = [tensor([1, 2]), tensor([3, 5])];

  it("is the mean of squared differences: (2² + 3²)/2", () => {
    expect(mse(x, y).item()).toBe(6.5);
    expect(mse(x, y, { reduction: "sum" }).item()).toBe(13);
    expect(mse(x, y, { reduction: "none" }).toArray()).toEqual([4, 9]);
    expect(mse(tensor(1), tensor(3)).item()).toBe(4);
  });

  it("takes integers", () => {
    expect(mse(x.to("int32"), y.to("int32")).item()).toBe(6.5);
  });

  it("has the gradient 2(x − y)/n, and its negative for y", () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const n = Math.min(a.length, b.length);
        const [x, y] = [a, b].map((values) => tensor(values.slice(0, n), { ...float64, requiresGrad: true }));
        mse(x, y).backward();
        a.slice(0, n).forEach((_, i) => {
          expect(x.grad?.data[i]).toBeCloseTo((2 * (a[i] - b[i])) / n, 13);
          expect((x.grad?.data[i] ?? NaN) + (y.grad?.data[i] ?? NaN)).toBe(0);
        });
      }),
    );
  });

  it("has the Hessian 2/n on the diagonal", () => {
    const x = tensor([1, 2, 3, 4], { ...float64, requiresGrad: true });
    const [g] = grad(mse(x, zeros([4], float64)), [x], { createGraph: true });
    g.select(0, 1).backward();
    expect(x.grad?.toArray()).toEqual([0, 0.5, 0, 0]);
  });

  it("refuses shapes that only broadcasting would reconcile", () => {
    expect(() => mse(zeros([32, 1]), zeros([32]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: mse: predictions [32, 1], targets [32] — shapes must be equal; reshape one of them]`,
    );
  });

  it("is an object that keeps its reduction", () => {
    expect(new MSELoss().forward(x, y).item()).toBe(6.5);
    expect(new MSELoss({ reduction: "sum" }).forward(x, y).item()).toBe(13);
  });
});
