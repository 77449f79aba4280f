import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../01-tensor/index.ts";
import { HuberLoss, huber, l1, mse } from "./index.ts";

const float64 = { dtype: "float64" } as const;
const none = { reduction: "none" } as const;

describe("huber", () => {
  // d = −½ is on the parabola: ⅛; d = 3 on the line: 1·(3 − ½).
  const [x, y] = [tensor([0, 5]), tensor([0.5, 2])];

  it("is half the square of small differences, and grows straight beyond δ", () => {
    expect(huber(x, y, none).toArray()).toEqual([0.125, 2.5]);
    expect(huber(x, y).item()).toBe(1.3125);
    expect(huber(x, y, { delta: 2, reduction: "sum" }).item()).toBe(0.125 + 2 * (3 - 1));
    expect(huber(tensor([5]).to("int32"), tensor([2]).to("int32"), { delta: 0.5 }).item()).toBe(0.5 * 2.75);
  });

  it("equals PyTorch's two pieces, and its slope is d held within ±δ, over n", () => {
    const number = fc.integer({ min: -1024, max: 1024 }).map((n) => n / 256);
    const delta = fc.integer({ min: 1, max: 512 }).map((n) => n / 256);
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 6 }), delta, (values, delta) => {
        const x = tensor(values, { ...float64, requiresGrad: true });
        const loss = huber(x, zeros([values.length], float64), { delta });
        const pieces = values.map((d) =>
          Math.abs(d) <= delta ? 0.5 * d * d : delta * (Math.abs(d) - 0.5 * delta),
        );
        expect(loss.item()).toBeCloseTo(pieces.reduce((a, b) => a + b) / values.length, 13);
        loss.backward();
        values.forEach((d, i) => {
          const held = Math.min(Math.max(d, -delta), delta);
          expect(x.grad?.data[i]).toBeCloseTo(held / values.length, 14);
        });
      }),
    );
  });

  it("lies between mse and l1: half the one for δ = ∞, δ times the other for small δ", () => {
    expect(huber(x, y, { delta: Infinity }).item()).toBe(mse(x, y).item() / 2);
    expect(huber(x, y, { delta: 2 ** -20 }).item() * 2 ** 20).toBeCloseTo(l1(x, y).item(), 5);
  });

  it("has the second derivative 1 on the parabola and 0 on the line", () => {
    const x = tensor([0.25, 3], { ...float64, requiresGrad: true });
    const [g] = grad(huber(x, zeros([2], float64), { reduction: "sum" }), [x], { createGraph: true });
    const [h] = grad(g.sum(), [x]);
    expect(h.toArray()).toEqual([1, 0]);
  });

  it("does not square what is large: the value and the slope stay finite", () => {
    const x = tensor([1e30, -1e30, 1000, Infinity], { requiresGrad: true });
    const losses = huber(x, zeros([4]), none);
    expect(losses.toArray()).toEqual([Math.fround(1e30), Math.fround(1e30), 999.5, Infinity]);
    losses.sum().backward();
    expect(x.grad?.toArray()).toEqual([1, -1, 1, 1]);
  });

  it("refuses other shapes and a delta that is not positive", () => {
    expect(() => huber(zeros([2, 1]), zeros([2]))).toThrow("huber: predictions [2, 1], targets [2]");
    expect(() => huber(x, y, { delta: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: huber: delta = 0 — a positive number]`,
    );
    for (const delta of [-1, NaN]) expect(() => huber(x, y, { delta })).toThrow(RangeError);
  });

  it("is an object that keeps its options and prints them", () => {
    expect(new HuberLoss({ delta: 2, reduction: "sum" }).forward(x, y).item()).toBe(4.125);
    expect(String(new HuberLoss({ delta: 2 }))).toBe("HuberLoss(delta: 2)");
  });
});
