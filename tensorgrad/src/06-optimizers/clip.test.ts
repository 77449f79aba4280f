import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type DType, heap, kernelChoice, scope, useKernels } from "../00-runtime/index.ts";
import { type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import "tensorgrad";
import { clipGradNorm, clipGradValue, gradNorm } from "./index.ts";

const initial = kernelChoice();
afterEach(() => useKernels(initial));

describe("gradNorm", () => {
  it("is the length of all gradients as one vector: √(3² + 4²)", () => {
    const parameters = [withGradient([3]), withGradient([0, 4]), zeros([5])];
    expect(gradNorm(parameters)).toBe(5);
    expect(gradNorm(parameters, { normType: 1 })).toBe(7);
    expect(gradNorm(parameters, { normType: 3 })).toBeCloseTo((27 + 64) ** (1 / 3), 12);
    expect(gradNorm(parameters, { normType: Number.POSITIVE_INFINITY })).toBe(4);
    expect(gradNorm([])).toBe(0);
  });

  it("counts a parameter that is given twice once", () => {
    const p = withGradient([3, 4]);
    expect(gradNorm([p, p])).toBe(5);
  });

  it("neither overflows nor vanishes where squares do", () => {
    for (const choice of ["simd", "reference"] as const) {
      useKernels(choice);
      expect(gradNorm([withGradient([3e25, 4e25])]) / 5e25).toBeCloseTo(1, 6);
      expect(gradNorm([withGradient([3e-30, 4e-30])]) / 5e-30).toBeCloseTo(1, 6);
    }
  });

  it("is not finite if a gradient is not", () => {
    for (const normType of [1, 2, 3, Number.POSITIVE_INFINITY]) {
      expect(gradNorm([withGradient([1]), withGradient([1, Number.NaN, 2])], { normType })).toBeNaN();
      expect(gradNorm([withGradient([Number.NEGATIVE_INFINITY])], { normType })).toBe(
        Number.POSITIVE_INFINITY,
      );
    }
  });

  it("refuses what is no norm", () => {
    expect(() => gradNorm([], { normType: 0.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: gradNorm: normType 0.5 — a norm has a p from 1 to Infinity]`,
    );
  });

  it("leaves no memory behind", () => {
    using _ = scope();
    const p = withGradient([3, 4]);
    const before = heap.live;
    clipGradNorm([p], 1);
    expect(heap.live).toBe(before);
  });
});

describe("clipGradNorm", () => {
  it("shortens gradients to the length, and returns the one before", () => {
    const parameters = [withGradient([3]), withGradient([0, 4])];
    expect(clipGradNorm(parameters, 1)).toBe(5);
    expect(gradients(parameters)).toEqual([close(0.6), 0, close(0.8)]);
  });

  it("leaves short ones alone, to the bit", () => {
    const parameters = [withGradient([3]), withGradient([0, 4])];
    expect(clipGradNorm(parameters, 5.1)).toBe(5);
    expect(gradients(parameters)).toEqual([3, 0, 4]);
  });

  it("equals PyTorch's formula in plain loops, for any gradients", () => {
    const lists = fc.array(fc.array(fc.integer({ min: -999, max: 999 }), { maxLength: 20 }), {
      minLength: 1,
      maxLength: 4,
    });
    const types = fc.constantFrom(1, 2, 3.5, Number.POSITIVE_INFINITY);
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 2000 }), types, (lists, maxNorm, normType) => {
        const all = lists.flat().map(Math.abs);
        const total =
          normType === Number.POSITIVE_INFINITY
            ? Math.max(0, ...all)
            : all.reduce((sum, g) => sum + g ** normType, 0) ** (1 / normType);
        const factor = Math.min(1, maxNorm / (total + 1e-6));
        for (const dtype of ["float32", "float64"] as const) {
          const parameters = lists.map((list) => withGradient(list, dtype));
          const digits = dtype === "float32" ? 5 : 11;
          expect(clipGradNorm(parameters, maxNorm, { normType }) / (total || 1)).toBeCloseTo(
            total ? 1 : 0,
            digits,
          );
          gradients(parameters).forEach((g, i) => {
            expect(g / 1000).toBeCloseTo((lists.flat()[i] * factor) / 1000, digits);
          });
        }
      }),
      { numRuns: 50 },
    );
  });

  it("refuses gradients that no factor can mend, and changes nothing", () => {
    const parameters = [withGradient([3]), withGradient([0, Number.NaN])];
    expect(() => clipGradNorm(parameters, 1)).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: clipGradNorm: the gradient of parameter 1, [2], is not finite — a factor cannot mend it; look for its cause with detectAnomaly()]`,
    );
    expect(gradients(parameters)).toEqual([3, 0, Number.NaN]);
    const huge = [withGradient([3e38, 3e38, 3e38])];
    expect(() => clipGradNorm(huge, 1)).toThrowErrorMatchingInlineSnapshot(
      `[GradientError: clipGradNorm: the norm of the gradients is Infinity — they are too large for their sum; lower the learning rate]`,
    );
  });

  it("refuses lengths that are none", () => {
    for (const wrong of [0, -1, Number.NaN])
      expect(() => clipGradNorm([], wrong)).toThrow(`maxNorm ${wrong} — must be`);
    expect(() => clipGradNorm([], 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: clipGradNorm: maxNorm 0 — must be a number above 0]`,
    );
  });
});

describe("gradients that are views", () => {
  it("are put in a row, and live on with their parameter", () => {
    const p = zeros([2, 2], { requiresGrad: true });
    p.grad = tensor([
      [3, 1],
      [4, 1],
    ]).t();
    {
      using _ = scope();
      clipGradValue([p], 3.5);
    }
    expect(p.grad.toArray()).toEqual([
      [3, 3.5],
      [1, 1],
    ]);
    expect(p.grad.isContiguous()).toBe(true);
  });
});

describe("clipGradValue", () => {
  it("cuts every element", () => {
    for (const choice of ["simd", "reference"] as const) {
      useKernels(choice);
      const parameters = [withGradient([3, -0.5, -7, 0, 1]), zeros([2])];
      clipGradValue(parameters, 1);
      expect(gradients(parameters)).toEqual([1, -0.5, -1, 0, 1]);
    }
  });

  it("refuses limits that are none", () => {
    expect(() => clipGradValue([], 0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: clipGradValue: clipValue 0 — must be a number above 0]`,
    );
  });
});

const close = (value: number): number => expect.closeTo(value, 5);

function withGradient(values: number[], dtype: DType = "float32"): Tensor {
  const p = zeros([values.length], { dtype, requiresGrad: true });
  p.grad = tensor(values, { dtype });
  return p;
}

const gradients = (parameters: readonly Tensor[]): number[] =>
  parameters.flatMap(({ grad }) => (grad ? [...grad.data] : []));
