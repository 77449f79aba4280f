import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Function, type Tensor, tensor } from "../01-tensor/index.ts";
import { softmax } from "../02-activations/index.ts";
import { gradcheck, gradgradcheck } from "./index.ts";

const leaf = (data: number[][]) => tensor(data, { requiresGrad: true, dtype: "float64" });

describe("gradcheck and gradgradcheck", () => {
  const a = leaf([
    [0.3, -1.2, 2],
    [1, 0.4, -0.7],
  ]);
  const b = leaf([[0.5], [-0.25], [1.5]]);

  it("pass for right gradients and leave the inputs as they were", () => {
    const before = a.toArray();
    expect(gradcheck((x, y) => softmax(x.matmul(y), 0).tanh(), [a, b])).toBe(true);
    expect(gradgradcheck((x, y) => softmax(x.matmul(y), 0).tanh(), [a, b])).toBe(true);
    expect(a.toArray()).toEqual(before);
  });

  it("see a softmax whose gradient lacks the sum: its plain sum is constant and would hide that", () => {
    class Wrong extends Function {
      #y!: Tensor;
      forward(x: Tensor) {
        this.#y = softmax(x);
        return this.#y;
      }
      backward(g: Tensor) {
        return [g.mul(this.#y)];
      }
    }
    expect(() => gradcheck((x) => new Wrong().apply(x), [a])).toThrow(
      /^gradcheck: element 0 of input 0 \[2, 3\]: backward gives/,
    );
  });

  it("see a second derivative that is wrong although the first is right", () => {
    class Square extends Function {
      #x!: Tensor;
      forward(x: Tensor) {
        this.#x = x;
        return x.square();
      }
      backward(g: Tensor) {
        return [g.mul(this.#x.detach()).mul(2)];
      }
    }
    const square = (x: Tensor) => new Square().apply(x);
    expect(gradcheck(square, [a])).toBe(true);
    expect(() => gradgradcheck((x) => square(x).mul(x), [a])).toThrow("backward gives");
  });

  it("take a part that does not depend on an input for constant: linear functions have a second derivative of 0", () => {
    expect(gradgradcheck((x) => x.mul(2), [a])).toBe(true);
    expect(gradgradcheck((x, y) => x.square().sum().add(y.sum()), [a, b])).toBe(true);
    expect(gradcheck((x) => x, [a, b])).toBe(true);
    expect(gradcheck(() => tensor([1], { dtype: "float64" }), [a])).toBe(true);
    expect(() => gradcheck((x) => x.detach().square(), [a])).toThrow("backward gives 0, differences give");
  });

  it("leave the inputs as they were where the function throws", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 16 }), (n) => {
        const before = a.toArray();
        let left = n;
        const fails = (x: Tensor) => {
          if (left-- === 0) throw new Error("now");
          return x.square();
        };
        try {
          gradcheck(fails, [a]);
        } catch (error) {
          expect((error as Error).message).toBe("now");
        }
        expect(a.toArray()).toEqual(before);
      }),
    );
  });

  it("need float64 leaves", () => {
    expect(() =>
      gradcheck((x) => x, [tensor([1], { requiresGrad: true })]),
    ).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: gradcheck: input [1] float32 — differences need leaves of float64: tensor(…, { dtype: "float64", requiresGrad: true })]`,
    );
    expect(() => gradcheck((x) => x, [tensor([1])])).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: gradcheck: no input with requiresGrad — differences need leaves of float64: tensor(…, { dtype: "float64", requiresGrad: true })]`,
    );
  });
});
