import { grad } from "tensorgrad";
import { afterEach, describe, expect, it } from "vitest";
import { distance } from "../../tests/gradients.fixture.ts";
import { kernelChoice, Random, useKernels } from "../00-runtime/index.ts";
import { full, randn, tensor, zeros } from "../01-tensor/index.ts";
import { LayerNorm, layerNorm } from "./index.ts";

const initial = kernelChoice();
afterEach(() => useKernels(initial));

const double = { dtype: "float64" } as const;

describe("layerNorm", () => {
  it("shifts every row to mean 0 and scales it to variance 1", () => {
    const x = tensor([
      [1, 3],
      [-10, 10],
    ]);
    expect(layerNorm(x, 2, null, null, { eps: 0 }).toArray()).toEqual([
      [-1, 1],
      [-1, 1],
    ]);
  });

  it("weights it then", () => {
    const [weight, bias] = [tensor([10, 100]), tensor([1, 2])];
    expect(layerNorm(tensor([5, 7]), [2], weight, bias, { eps: 0 }).toArray()).toEqual([-9, 102]);
  });

  it("agrees with PyTorch: torch.nn.functional.layer_norm on 1, 2, 4", () => {
    const y = layerNorm(tensor([1, 2, 4], double), [3]).data;
    // (x − 7/3)/√(14/9 + 1e-5)
    for (const [i, x] of [1, 2, 4].entries())
      expect(y[i]).toBeCloseTo((x - 7 / 3) / Math.sqrt(14 / 9 + 1e-5), 14);
  });

  it("turns a row of equal numbers into the bias, although float32 rounds their mean", () => {
    expect([...new Set(layerNorm(full([999], 0.1), 999).data)]).toEqual([0]);
    expect(layerNorm(zeros([2, 3]), 3, tensor([1, 1, 1]), tensor([1, 2, 3])).toArray()).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it("takes integers, empty batches and strided views", () => {
    expect(layerNorm(tensor([0, 2], { dtype: "int32" }), 2, null, null, { eps: 0 }).toArray()).toEqual([
      -1, 1,
    ]);
    expect(layerNorm(zeros([0, 3]), 3).shape).toEqual([0, 3]);
    const x = randn([3, 4, 5], { random: new Random(1) });
    const strided = layerNorm(x.transpose(0, 2), [4, 3]);
    expect([...strided.data]).toEqual([...layerNorm(x.transpose(0, 2).clone(), [4, 3]).data]);
  });

  it("does not touch its input, and spreads NaN no further than its row", () => {
    const x = tensor([
      [1, NaN],
      [1, 3],
    ]);
    expect(layerNorm(x, 2, null, null, { eps: 0 }).toArray()).toEqual([
      [NaN, NaN],
      [-1, 1],
    ]);
    expect(x.select(0, 1).toArray()).toEqual([1, 3]);
  });
});

describe("in float32", () => {
  for (const choice of ["simd", "reference"] as const) {
    it(`the mean far from 0 costs no digits (${choice} kernels)`, () => {
      useKernels(choice);
      for (const offset of [0, 100, -1e4, 1e6]) {
        const spread = randn([4, 777], { random: new Random(3) });
        const x = spread.mul(4).add(offset);
        expect(distance(layerNorm(x, 777), layerNorm(x.to("float64"), 777))).toBeLessThan(2e-6);
      }
    });
  }
});

describe("the gradients of layerNorm", () => {
  const random = new Random(5);
  const drawn = (...shape: number[]) => randn(shape, { random, ...double, requiresGrad: true });

  it("are the same fused and by the differentiable rule", () => {
    for (const lead of [[], [1], [4], [2, 3]]) {
      const inputs = [drawn(...lead, 2, 5), drawn(2, 5), drawn(2, 5)];
      const [x, w, b] = inputs;
      const y = layerNorm(x, [2, 5], w, b);
      const v = { gradOutputs: drawn(...y.shape).detach() };
      const fused = grad(y, inputs, { ...v, retainGraph: true });
      const rule = grad(y, inputs, { ...v, createGraph: true });
      for (const [i, g] of fused.entries()) {
        expect(g.shape).toEqual(inputs[i].shape);
        expect(distance(g, rule[i])).toBeLessThan(1e-13);
      }
    }
  });

  it("to x are orthogonal to a shift of x, and nearly to a stretch", () => {
    const x = drawn(3, 7);
    const [g] = grad(layerNorm(x, 7, null, null, { eps: 0 }), [x], { gradOutputs: drawn(3, 7).detach() });
    for (const total of g.sum(1).data) expect(total).toBeCloseTo(0, 13);
    for (const total of g.mul(x).sum(1).data) expect(total).toBeCloseTo(0, 13);
  });

  for (const choice of ["simd", "reference"] as const) {
    it(`are within rounding of float64 for many long rows (${choice} kernels)`, () => {
      useKernels(choice);
      const [x, w, b, v] = [[300, 1500], [1500], [1500], [300, 1500]].map((shape) =>
        randn(shape, { random }),
      );
      const gradients = (dtype: "float32" | "float64") => {
        const inputs = [x, w, b].map((t) =>
          Object.assign(t.to(dtype).clone().detach(), { requiresGrad: true }),
        );
        return grad(layerNorm(inputs[0], 1500, inputs[1], inputs[2]), inputs, { gradOutputs: v.to(dtype) });
      };
      const [truth, found] = [gradients("float64"), gradients("float32")];
      expect(distance(found[0], truth[0])).toBeLessThan(1e-5);
      expect(distance(found[1], truth[1])).toBeLessThan(1e-4);
      expect(distance(found[2], truth[2])).toBeLessThan(1e-4);
    });
  }
});

describe("LayerNorm", () => {
  it("starts as layerNorm alone, with a weight of 1 and a bias of 0", () => {
    const layer = new LayerNorm([2, 2]);
    const x = randn([3, 2, 2], { random: new Random(1) });
    expect([...layer.forward(x).data]).toEqual([...layerNorm(x, [2, 2]).data]);
    expect(Object.keys(layer.stateDict())).toEqual(["weight", "bias"]);
    expect(layer.parameters().every((p) => p.requiresGrad && p.shape.join() === "2,2")).toBe(true);
  });

  it("leaves out the bias, or both", () => {
    expect(Object.keys(new LayerNorm(4, { bias: false }).stateDict())).toEqual(["weight"]);
    expect(new LayerNorm(4, { affine: false }).parameters()).toEqual([]);
    expect([4, [4, 2]].map((shape) => String(new LayerNorm(shape)))).toEqual([
      "LayerNorm([4]) — 8 parameters: weight [4], bias [4]",
      "LayerNorm([4, 2]) — 16 parameters: weight [4, 2], bias [4, 2]",
    ]);
    expect(String(new LayerNorm(4, { bias: false }))).toBe(
      "LayerNorm([4], bias: false) — 4 parameters: weight [4]",
    );
    expect(String(new LayerNorm(4, { affine: false }))).toBe("LayerNorm([4], affine: false)");
  });

  it("names an input of another shape, and one of another dtype", () => {
    expect(() => new LayerNorm(4).forward(zeros([4, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LayerNorm([4]): expected input [..., 4], got [4, 3]]`,
    );
    expect(() => new LayerNorm([4, 3]).forward(zeros([3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LayerNorm([4, 3]): expected input [..., 4, 3], got [3]]`,
    );
    expect(() => new LayerNorm(4).forward(zeros([4], double))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: LayerNorm([4]): input float64, weight float32 — both must be the same; use x.to("float32")]`,
    );
  });

  it("names settings that make no sense", () => {
    expect(() => new LayerNorm([])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LayerNorm: shape [] — the sizes of the last dims of x, at least one, each ≥ 1]`,
    );
    expect(() => new LayerNorm([2, 0])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: LayerNorm: shape [2, 0] — the sizes of the last dims of x, at least one, each ≥ 1]`,
    );
    expect(() => new LayerNorm(4, { eps: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: LayerNorm: eps = -1 — a number ≥ 0, such as 1e-5]`,
    );
    expect(() => layerNorm(zeros([4]), 4, null, null, { eps: NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: layerNorm: eps = NaN — a number ≥ 0, such as 1e-5]`,
    );
  });

  it("names a weight that does not fit", () => {
    expect(() => layerNorm(zeros([2, 4]), 4, zeros([2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: layerNorm: weight [2] for input [2, 4] — one number per element of a row, [4]]`,
    );
    expect(() => layerNorm(zeros([2, 4]), 4, null, zeros([4], double))).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: layerNorm: input float32, bias float64 — both must be the same; use x.to("float64")]`,
    );
  });
});
