import { grad } from "tensorgrad";
import { afterEach, describe, expect, it } from "vitest";
import { distance } from "../../tests/gradients.fixture.ts";
import { kernelChoice, Random, useKernels } from "../00-runtime/index.ts";
import { randn, tensor, zeros } from "../01-tensor/index.ts";
import { RMSNorm, rmsNorm } from "./index.ts";

const initial = kernelChoice();
afterEach(() => useKernels(initial));

const double = { dtype: "float64" } as const;

describe("rmsNorm", () => {
  // (1 + 49)/2 = 25: a root of 5.
  it("scales every row to a mean square of 1, by hand, and shifts nothing", () => {
    const x = tensor([
      [1, 7],
      [-10, 10],
    ]);
    const y = rmsNorm(x, 2, null, { eps: 0 });
    expect(distance(y, tensor([[0.2, 1.4], [-1, 1]]))).toBeLessThan(1e-7); // biome-ignore format: rows
  });

  it("weights it then", () => {
    const weight = tensor([10, 100], double);
    const y = rmsNorm(tensor([1, 7], double), [2], weight, { eps: 0 });
    expect(y.data[0]).toBeCloseTo(2, 14);
    expect(y.data[1]).toBeCloseTo(140, 12);
  });

  it("does not see the size of a row, nor its sign", () => {
    const x = randn([3, 8], { random: new Random(1), ...double });
    const y = rmsNorm(x, 8, null, { eps: 0 });
    expect(distance(rmsNorm(x.mul(1000), 8, null, { eps: 0 }), y)).toBeLessThan(1e-14);
    expect(distance(rmsNorm(x.neg(), 8, null, { eps: 0 }), y.neg())).toBe(0);
  });

  it("leaves a row of zeros at 0", () => {
    expect(rmsNorm(zeros([2, 3]), 3).toArray()).toEqual([[0, 0, 0], [0, 0, 0]]); // biome-ignore format: rows
  });

  it("takes integers, empty batches and strided views; NaN stays in its row", () => {
    expect(rmsNorm(tensor([1, -1], { dtype: "int32" }), 2, null, { eps: 0 }).toArray()).toEqual([1, -1]);
    expect(rmsNorm(zeros([0, 3]), 3).shape).toEqual([0, 3]);
    const x = randn([3, 4, 5], { random: new Random(1) });
    const strided = rmsNorm(x.transpose(0, 2), [4, 3]);
    expect([...strided.data]).toEqual([...rmsNorm(x.transpose(0, 2).clone(), [4, 3]).data]);
    const y = rmsNorm(tensor([[NaN, 1], [3, 3]]), 2, null, { eps: 0 }); // biome-ignore format: rows
    expect(y.toArray()).toEqual([[NaN, NaN], [1, 1]]); // biome-ignore format: rows
  });
});

describe("the gradients of rmsNorm", () => {
  const random = new Random(5);
  const drawn = (...shape: number[]) => randn(shape, { random, ...double, requiresGrad: true });

  it("are the same fused and by the differentiable rule", () => {
    for (const lead of [[], [1], [4], [2, 3]]) {
      const inputs = [drawn(...lead, 2, 5), drawn(2, 5)];
      const y = rmsNorm(inputs[0], [2, 5], inputs[1]);
      const v = { gradOutputs: drawn(...y.shape).detach() };
      const fused = grad(y, inputs, { ...v, retainGraph: true });
      const rule = grad(y, inputs, { ...v, createGraph: true });
      for (const [i, g] of fused.entries()) {
        expect(g.shape).toEqual(inputs[i].shape);
        expect(distance(g, rule[i])).toBeLessThan(1e-13);
      }
    }
  });

  it("to x are orthogonal to a stretch of x", () => {
    const x = drawn(3, 7);
    const [g] = grad(rmsNorm(x, 7, null, { eps: 0 }), [x], { gradOutputs: drawn(3, 7).detach() });
    for (const total of g.mul(x).sum(1).data) expect(total).toBeCloseTo(0, 13);
  });

  for (const choice of ["simd", "reference"] as const) {
    it(`are within rounding of float64 for many long rows (${choice} kernels)`, () => {
      useKernels(choice);
      const [x, w, v] = [[300, 2500], [2500], [300, 2500]].map((shape) => randn(shape, { random }));
      const gradients = (dtype: "float32" | "float64") => {
        const inputs = [x, w].map((t) => Object.assign(t.to(dtype).clone().detach(), { requiresGrad: true }));
        return grad(rmsNorm(inputs[0], 2500, inputs[1]), inputs, { gradOutputs: v.to(dtype) });
      };
      const [truth, found] = [gradients("float64"), gradients("float32")];
      expect(distance(found[0], truth[0])).toBeLessThan(1e-5);
      expect(distance(found[1], truth[1])).toBeLessThan(1e-4);
    });
  }
});

describe("RMSNorm", () => {
  it("starts as rmsNorm alone, with a gain of 1", () => {
    const layer = new RMSNorm([2, 2]);
    const x = randn([3, 2, 2], { random: new Random(1) });
    expect([...layer.forward(x).data]).toEqual([...rmsNorm(x, [2, 2]).data]);
    expect(Object.keys(layer.stateDict())).toEqual(["weight"]);
    expect(String(layer)).toBe("RMSNorm([2, 2]) — 4 parameters: weight [2, 2]");
  });

  it("leaves out the gain", () => {
    const layer = new RMSNorm(4, { affine: false });
    expect(layer.parameters()).toEqual([]);
    expect(String(layer)).toBe("RMSNorm([4], affine: false)");
  });

  it("names an input of another shape, a gain that does not fit, and settings that make no sense", () => {
    expect(() => new RMSNorm(4).forward(zeros([4, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: RMSNorm([4]): expected input [..., 4], got [4, 3]]`,
    );
    expect(() => rmsNorm(zeros([2, 4]), 4, zeros([2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: rmsNorm: weight [2] for input [2, 4] — one number per element of a row, [4]]`,
    );
    expect(() => new RMSNorm([])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: RMSNorm: shape [] — the sizes of the last dims of x, at least one, each ≥ 1]`,
    );
    expect(() => rmsNorm(zeros([4]), 4, null, { eps: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: rmsNorm: eps = -1 — a number ≥ 0, such as 1e-5]`,
    );
  });
});
