import fc from "fast-check";
import { grad } from "tensorgrad";
import { afterEach, describe, expect, it } from "vitest";
import { kernelChoice, useKernels } from "../00-runtime/index.ts";
import { fromArray, full, type Tensor, tensor, zeros } from "../01-tensor/index.ts";
import { roundings } from "../agreement/roundings.ts";
import { logSoftmax, Softmax, softmax } from "./index.ts";

const initial = kernelChoice();
afterEach(() => useKernels(initial));

describe("softmax", () => {
  it("turns scores into shares: e^0 : e^ln 3 = 1 : 3", () => {
    const [a, b] = softmax(tensor([0, Math.log(3)], { dtype: "float64" })).data;
    expect(a).toBeCloseTo(0.25, 15);
    expect(b).toBeCloseTo(0.75, 15);
  });

  it("does not overflow: logits of ±10,000", () => {
    const x = tensor([
      [1e4, 1e4],
      [1e4, 0],
      [-1e4, -1e4],
    ]);
    expect(softmax(x).toArray()).toEqual([
      [0.5, 0.5],
      [1, 0],
      [0.5, 0.5],
    ]);
    expect(logSoftmax(x).select(0, 1).toArray()).toEqual([0, -1e4]);
  });

  it("gives nothing to −∞: how attention masks", () => {
    const x = tensor([-Infinity, 2, -Infinity, 2]);
    expect(softmax(x).toArray()).toEqual([0, 0.5, 0, 0.5]);
    expect([...logSoftmax(x).data]).toEqual([
      -Infinity,
      Math.fround(-Math.LN2),
      -Infinity,
      Math.fround(-Math.LN2),
    ]);
  });

  it("has no answer where everything is −∞", () => {
    expect([...softmax(full([2], -Infinity)).data]).toEqual([NaN, NaN]);
    expect([...softmax(tensor([0, NaN])).data]).toEqual([NaN, NaN]);
  });

  it("is certain of a single class, and of a scalar", () => {
    expect(softmax(tensor([[5], [-1e4]])).toArray()).toEqual([[1], [1]]);
    expect(logSoftmax(tensor([[5], [-1e4]])).toArray()).toEqual([[0], [0]]);
    expect(softmax(tensor(7)).toArray()).toBe(1);
  });

  it("takes empty tensors and integers", () => {
    expect(softmax(zeros([0, 3])).shape).toEqual([0, 3]);
    expect(logSoftmax(zeros([3, 0])).shape).toEqual([3, 0]);
    expect(softmax(tensor([4, 4], { dtype: "int32" })).dtype).toBe("float32");
  });

  it("is a layer along a dim of choice", () => {
    const x = tensor([
      [0, 0],
      [0, 0],
    ]);
    expect(new Softmax(0).forward(x.narrow(1, 0, 1)).toArray()).toEqual([[0.5], [0.5]]);
    expect(new Softmax().forward(x.narrow(1, 0, 1)).toArray()).toEqual([[1], [1]]);
  });

  it("names a dim that is none", () => {
    expect(() => softmax(zeros([2, 3]), 2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: softmax: dim 2 of a tensor of shape [2, 3] — dims go from -2 to 1]`,
    );
    expect(() => logSoftmax(zeros([]), 1)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: logSoftmax: dim 1 of a tensor of shape [] — a scalar has no dims]`,
    );
  });
});

/** Scores of any rank on a grid of 2^-8, and one of their dims, counted from either end. */
const scores = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
  const size = shape.reduce((product, n) => product * n, 1);
  return fc.record({
    values: fc.array(
      fc.integer({ min: -1280, max: 1280 }).map((n) => n / 256),
      { minLength: size, maxLength: size },
    ),
    shape: fc.constant(shape),
    dim: fc.integer({ min: -shape.length, max: shape.length - 1 }),
  });
});

describe("softmax and logSoftmax along any dim", () => {
  for (const choice of ["simd", "reference"] as const) {
    for (const dtype of ["float32", "float64"] as const) {
      it(`equal the definition (${dtype}, ${choice} kernels)`, () => {
        checkEach((x, dim) => {
          useKernels(choice);
          const expected = naive(x, dim);
          expect(softmax(x, dim).dtype).toBe(dtype);
          expect(roundings(softmax(x, dim).data, expected, dtype, 1)).toBeLessThan(8);
          // Differences between scores are up to 10.
          expect(roundings(logSoftmax(x, dim).data, expected.map(Math.log), dtype, 10)).toBeLessThan(8);
        }, dtype);
      });
    }
  }

  it("sum to 1", () =>
    checkEach((x, dim) => {
      const totals = softmax(x, dim).sum(dim).data;
      for (const total of totals) expect(total).toBeCloseTo(1, 14);
    }));

  it("do not change when every score moves by the same amount", () =>
    checkEach((x, dim) => {
      expect(distance(softmax(x.add(3.5), dim), softmax(x, dim).data)).toBeLessThan(1e-15);
      expect(distance(logSoftmax(x.sub(100), dim), logSoftmax(x, dim).data)).toBeLessThan(1e-13);
    }));

  it("have gradients that sum to 0, since moving every score changes nothing", () =>
    checkEach((data, dim) => {
      const x = data.detach();
      x.requiresGrad = true;
      const v = fromArray(
        x.data.map((_, i) => Math.sin(1 + i)),
        x.shape,
        { dtype: "float64" },
      );
      for (const f of [softmax, logSoftmax]) {
        const [g] = grad(f(x, dim), [x], { gradOutputs: v });
        for (const total of g.sum(dim).data) expect(total).toBeCloseTo(0, 13);
      }
    }));
});

function checkEach(law: (x: Tensor, dim: number) => void, dtype: "float32" | "float64" = "float64"): void {
  fc.assert(fc.property(scores, ({ values, shape, dim }) => law(fromArray(values, shape, { dtype }), dim)));
}

/** e^x / Σ e^x, one line of elements after the other, with nothing done about overflow. */
function naive(x: Tensor, dim: number): number[] {
  const d = dim < 0 ? dim + x.rank : dim;
  const step = x.shape.slice(d + 1).reduce((product, n) => product * n, 1); // from one element of a line to the next
  const e = Array.from(x.data, Math.exp);
  return e.map((value, i) => {
    const first = i - (Math.floor(i / step) % x.shape[d]) * step;
    const line = Array.from({ length: x.shape[d] }, (_, k) => e[first + k * step]);
    return value / line.reduce((sum, other) => sum + other, 0);
  });
}

const distance = (y: Tensor, expected: ArrayLike<number>): number =>
  Math.max(...Array.from(y.data, (value, i) => Math.abs(value - expected[i])));
