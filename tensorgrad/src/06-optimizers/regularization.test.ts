import { afterEach, describe, expect, it } from "vitest";
import { kernelChoice, Random, useKernels } from "../00-runtime/index.ts";
import { randn, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import "tensorgrad";
import { Adam, AdamW, penalty, regularize, SGD } from "./index.ts";

const initial = kernelChoice();
afterEach(() => useKernels(initial));

describe("penalty", () => {
  it("is l1·Σ|p| + ½·l2·Σp²: 0.1·(1 + 2 + 3) + ½·0.2·(1 + 4 + 9)", () => {
    const parameters = [tensor([1, -2]), tensor([[3]])];
    expect(penalty(parameters, { l1: 0.1, l2: 0.2 }).item()).toBeCloseTo(0.6 + 1.4, 6);
    expect(penalty(parameters, { l1: 0.1 }).item()).toBeCloseTo(0.6, 6);
    expect(penalty(parameters, {}).item()).toBe(0);
  });

  it("has the gradient that regularize adds", () => {
    for (const choice of ["simd", "reference"] as const) {
      useKernels(choice);
      const values = randn([3, 7], { random: new Random(4) });
      values.assign([...values.data].map((value, i) => (i % 6 ? value : 0)));
      const [a, b] = [0, 1].map(() => tensor(values.toArray(), { requiresGrad: true }));
      const scale = randn([3, 7], { random: new Random(5) });
      a.mul(scale)
        .sum()
        .add(penalty([a], { l1: 0.3, l2: 0.7 }))
        .backward();
      b.mul(scale).sum().backward();
      regularize([b], { l1: 0.3, l2: 0.7 });
      const [ga, gb] = [a, b].map(({ grad }) => [...(grad as Tensor).data]);
      for (const [i, g] of ga.entries()) expect(gb[i]).toBeCloseTo(g, 6);
    }
  });

  it("refuses weights that are none", () => {
    expect(() => penalty([zeros([1])], { l1: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: penalty: l1 = -1 — must be a finite number ≥ 0]`,
    );
    expect(() => regularize([zeros([1])], { l2: Number.NaN })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: regularize: l2 = NaN — must be a finite number ≥ 0]`,
    );
    expect(() => penalty([], { l2: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: penalty: no parameters — pass model.parameters()]`,
    );
  });
});

describe("an l2 penalty", () => {
  type Make = (params: Tensor[], weightDecay: number) => { step(): void };
  const step = (make: Make, l2: number, weightDecay: number): number => {
    const p = tensor([2], { dtype: "float64", requiresGrad: true });
    const optimizer = make([p], weightDecay);
    p.mul(3).sum().backward();
    regularize([p], { l2 });
    optimizer.step();
    return p.item();
  };

  it("is weight decay for SGD, and for Adam", () => {
    const kinds: Make[] = [
      (params, weightDecay) => new SGD(params, { lr: 0.1, momentum: 0.9, weightDecay }),
      (params, weightDecay) => new Adam(params, { lr: 0.1, weightDecay }),
    ];
    for (const make of kinds) expect(step(make, 0.5, 0)).toBeCloseTo(step(make, 0, 0.5), 14);
  });

  it("is something else for AdamW: divided by √v̂ it vanishes in the first step, decay does not", () => {
    const make: Make = (params, weightDecay) => new AdamW(params, { lr: 0.1, eps: 0, weightDecay });
    expect(step(make, 0.5, 0)).toBeCloseTo(1.9, 12);
    expect(step(make, 0, 0.5)).toBeCloseTo(1.9 - 0.1 * 0.5 * 2, 12);
  });

  it("leaves parameters without a gradient alone", () => {
    const p = tensor([2], { requiresGrad: true });
    regularize([p], { l2: 1 });
    expect(p.grad).toBeNull();
  });

  it("of kind l1 drives small weights to 0 and holds them near it", () => {
    const p = tensor([0.3, 2], { dtype: "float64", requiresGrad: true });
    const optimizer = new SGD([p], { lr: 0.01 });
    for (let i = 0; i < 1000; i++) {
      optimizer.zeroGrad();
      p.sub(tensor([0.1, 2], { dtype: "float64" }))
        .square()
        .mul(0.5)
        .sum()
        .backward();
      regularize([p], { l1: 0.5 });
      optimizer.step();
    }
    expect(Math.abs(p.data[0])).toBeLessThan(0.01);
    expect(p.data[1]).toBeCloseTo(1.5, 2);
  });
});
