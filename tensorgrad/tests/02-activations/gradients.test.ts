import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { fromArray, ones, type Tensor, tensor } from "../../src/01-tensor/index.ts";
import { gelu, logSoftmax, relu, sigmoid, silu, softmax, tanh } from "../../src/02-activations/index.ts";
import { allowed, differences, distance, leaf, wave } from "../gradients.fixture.ts";

/**
 * Every activation has two gradients: one composed of tensor operations, used while a graph of gradients is recorded, and
 * mostly a fused kernel, used otherwise. Both must be the slope of the function.
 */
const functions: Record<string, (x: Tensor) => Tensor> = {
  relu,
  sigmoid,
  tanh,
  silu,
  gelu,
  "gelu (tanh)": (x) => gelu(x, { approximate: "tanh" }),
  softmax,
  logSoftmax,
  "softmax along dim 0": (x) => softmax(x, 0),
  "logSoftmax along dim 0": (x) => logSoftmax(x, 0),
  "softmax of a transposed matrix": (x) => softmax(x.t()),
};

// Numbers on a grid of 2^-8 within ±4, never 0: differences must not straddle relu's kink.
const number = fc
  .integer({ min: -1024, max: 1024 })
  .filter((n) => n !== 0)
  .map((n) => n / 256);
const matrix = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }))
  .chain(([rows, cols]) =>
    fc
      .array(number, { minLength: rows * cols, maxLength: rows * cols })
      .map((values) => fromArray(values, [rows, cols], { dtype: "float64" })),
  );

for (const [name, f] of Object.entries(functions)) {
  describe(`the gradient of ${name}`, () => {
    const check = (law: (x: Tensor) => void) => fc.assert(fc.property(matrix, law), { numRuns: 15 });

    it("is the slope of the function, fused and composed", () =>
      check((data) => {
        const x = leaf(data);
        const v = wave(f(x).shape, 1);
        f(x).backward(v);
        const [composed] = grad(f(x), [x], { gradOutputs: v, createGraph: true });
        const slopes = differences((x) => f(x).mul(v).sum().item(), data);
        expect(distance(composed, slopes)).toBeLessThan(2 * allowed(data)); // weights are up to 2
        expect(distance(x.grad as Tensor, composed.data)).toBeLessThan(1e-14);
      }));

    it("has a gradient in turn: with respect to x, and to the incoming gradient", () =>
      check((data) => {
        const [x, v] = [leaf(data), leaf(wave(f(data).shape, 1))];
        const u = wave(data.shape, 2);
        const along = (x: Tensor, v: Tensor) =>
          grad(f(x), [x], { gradOutputs: v, createGraph: true })[0].mul(u).sum(); // ⟨u, Jᵀv⟩
        const [gx, gv] = twice(along(x, v), [x, v]);
        expect(
          distance(
            gx,
            differences((x) => along(leaf(x), v).item(), data),
          ),
        ).toBeLessThan(1e-8);
        expect(
          distance(
            gv,
            differences((v) => along(x, v).item(), v.detach()),
          ),
        ).toBeLessThan(1e-8);
      }));

    it("is the same in float32 up to rounding", () =>
      check((data) => {
        const [x, x32] = [leaf(data), leaf(data.to("float32"))];
        const v = wave(f(x).shape, 3);
        f(x).backward(v);
        f(x32).backward(v.to("float32"));
        expect(x32.grad?.dtype).toBe("float32");
        expect(distance(x32.grad as Tensor, (x.grad as Tensor).data)).toBeLessThan(5e-6);
      }));
  });
}

describe("gradients of activations", () => {
  const slopes = (f: (x: Tensor) => Tensor, points: number[]): number[][] => {
    const x = tensor(points, { dtype: "float64", requiresGrad: true });
    const fused = grad(f(x), [x], { gradOutputs: ones(x.shape, { dtype: "float64" }) });
    const composed = grad(f(x), [x], { gradOutputs: ones(x.shape, { dtype: "float64" }), createGraph: true });
    return [...fused, ...composed].map((g) => Array.from(g.data, (value) => value + 0)); // −0 is 0
  };

  it("take the left side at relu's kink: 0", () => {
    for (const slope of slopes(relu, [-1, -0, 0, 1e-300])) expect(slope).toEqual([0, 0, 0, 1]);
  });

  it("are known at 0: σ′ = ¼, tanh′ = 1, silu′ = gelu′ = ½", () => {
    for (const [f, slope] of [
      [sigmoid, 0.25],
      [tanh, 1],
      [silu, 0.5],
      [gelu, 0.5],
    ] as const)
      expect(slopes(f, [0])).toEqual([[slope], [slope]]);
  });

  it("vanish or pass far out, and never overflow", () => {
    for (const f of [sigmoid, tanh])
      expect(slopes(f, [-1000, 1000])).toEqual([
        [0, 0],
        [0, 0],
      ]);
    for (const f of [relu, silu, gelu, functions["gelu (tanh)"]])
      expect(slopes(f, [-1000, 1000])).toEqual([
        [0, 1],
        [0, 1],
      ]);
  });

  it("show why one must not check softmax through its sum: that is 1, and its gradient 0", () => {
    const x = tensor([0.5, -1, 2], { dtype: "float64", requiresGrad: true });
    softmax(x).sum().backward();
    for (const g of (x.grad as Tensor).data) expect(g).toBeCloseTo(0, 15);
  });

  it("of softmax at equal scores: (1 − p)·p on the diagonal, −p² beside it", () => {
    const x = tensor([3, 3], { dtype: "float64", requiresGrad: true });
    softmax(x).select(0, 0).backward();
    expect(x.grad?.toArray()).toEqual([0.25, -0.25]);
  });

  it("are 0 for masked scores", () => {
    const x = tensor([-Infinity, 1, 1], { dtype: "float64", requiresGrad: true });
    for (const createGraph of [false, true]) {
      const [g] = grad(softmax(x).select(0, 1), [x], { createGraph });
      expect(Array.from(g.data, (value) => value + 0)).toEqual([0, 0.25, -0.25]);
      const [gLog] = grad(logSoftmax(x).select(0, 1), [x], { createGraph });
      expect(gLog.toArray()).toEqual([0, 0.5, -0.5]);
    }
  });
});

/** Gradients of y; 0 where y does not depend on an input, as relu's slope does not depend on x. */
function twice(y: Tensor, inputs: readonly Tensor[]): Tensor[] {
  for (const x of inputs) x.zeroGrad();
  y.backward();
  return inputs.map((x) => x.grad ?? x.mul(0));
}
