import fc from "fast-check";
import { grad } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { anyTensor, at, expectElements } from "../../../../tests/01-tensor/strided.fixture.ts";
import { recordAll, type Tensor, tensor, zeros } from "../../index.ts";
import { indices } from "../../planes.ts";

const gradientOf = (fn: (x: Tensor) => Tensor, data: number[] | number[][]) => {
  const x = tensor(data, { requiresGrad: true, dtype: "float64" });
  return grad(fn(x).sum(), [x])[0].toArray();
};

/** The elements of x over `dims` that belong to an index of the result with these dims kept. */
const part = (x: Tensor, dims: readonly number[], index: readonly number[]): number[] =>
  [...indices(x.shape)]
    .filter((i) => i.every((n, d) => dims.includes(d) || n === index[d]))
    .map((i) => at(x, i));

const withDims = (minSize: number) =>
  anyTensor({ minSize, maxRank: 3 }).chain((x) => fc.tuple(fc.constant(x), fc.subarray([...x.shape.keys()])));

describe("amax and amin", () => {
  it("are the extreme elements over any dims", () => {
    fc.assert(
      fc.property(withDims(1), ([x, dims]) => {
        const shape = x.shape.map((n, d) => (dims.includes(d) ? 1 : n));
        expectElements(x.amax(dims, { keepDim: true }), shape, (index) => Math.max(...part(x, dims, index)));
        expectElements(x.amin(dims, { keepDim: true }), shape, (index) => Math.min(...part(x, dims, index)));
      }),
    );
  });

  it("share the gradient among all that tie, as max() does; max(dim) gives it to the first", () => {
    expect(gradientOf((x) => x.max(), [1, 3, 3])).toEqual([0, 0.5, 0.5]);
    expect(gradientOf((x) => x.min(), [1, 1, 1, 2])).toEqual([1 / 3, 1 / 3, 1 / 3, 0]);
    expect(
      gradientOf(
        (x) => x.amax(1),
        [
          [2, 2],
          [1, 0],
        ],
      ),
    ).toEqual([
      [0.5, 0.5],
      [1, 0],
    ]);
    expect(gradientOf((x) => x.max(0).values, [1, 3, 3])).toEqual([0, 1, 0]);
  });

  it("let NaN win, and never hide it behind a finite gradient", () => {
    expect(tensor([1, NaN, 3]).amin().item()).toBeNaN();
    expect(gradientOf((x) => x.amax(), [1, NaN, 3])).toEqual([NaN, NaN, NaN]);
    const number = fc.constantFrom(NaN, -1, 0, 2, 2, Infinity);
    const rows = fc.array(fc.array(number, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 4 });
    const chosen: ((x: Tensor) => Tensor)[] = [
      (x) => x.amax(1, { keepDim: true }),
      (x) => x.amin(1, { keepDim: true }),
      (x) => x.norm(1, { p: Infinity, keepDim: true }),
      (x) => x.maximum(0),
      (x) => x.minimum(tensor([1, NaN, -1], { dtype: "float64" })),
    ];
    fc.assert(
      fc.property(rows, fc.constantFrom(...chosen), (data, choose) => {
        const x = tensor(data, { requiresGrad: true, dtype: "float64" });
        const y = choose(x);
        const [g] = grad(y.sum(), [x]);
        const isLost = y.isNaN().expand(x.shape).logicalXor(g.isNaN());
        expect(isLost.any().item(), `${y} from ${x}, gradient ${g}`).toBe(0);
      }),
    );
  });

  it("where an index says which element was taken, the gradient goes there, also for NaN", () => {
    expect(gradientOf((x) => x.max(0).values, [1, NaN, 3])).toEqual([0, 1, 0]);
    expect(gradientOf((x) => x.sort(0).values.mul(tensor([1, 2, 3])), [1, NaN, 3])).toEqual([1, 3, 2]);
  });

  it("of nothing do not exist, unless the result is empty, too", () => {
    expect(zeros([0, 2]).amax(1).shape).toEqual([0]);
    expect(() => zeros([0, 2]).amax([0, 1])).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: amax: a tensor of shape [0, 2] — dim 0 has no elements to choose from]`,
    );
    expect(() => zeros([2, 0]).max()).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: max: a tensor of shape [2, 0] — dim 1 has no elements to choose from]`,
    );
  });
});

describe("reductions at the edges", () => {
  it("keep the dims of a scalar: none", () => {
    const { values, indices } = tensor(3).max(0, { keepDim: true });
    expect([values.shape, indices.shape, tensor(3).argmin(-1).shape]).toEqual([[], [], []]);
    expect(zeros([2, 3]).argmax(undefined, { keepDim: true }).shape).toEqual([1, 1]);
  });

  it("take the logarithm of an empty sum for −∞", () => {
    expect(zeros([2, 0]).logSumExp(1).toArray()).toEqual([-Infinity, -Infinity]);
    expect(zeros([0]).logSumExp().item()).toBe(-Infinity);
  });

  it("record the indices of max(dim) where an exporter looks", () => {
    const { indices } = recordAll(() => tensor([1, 3, 2]).max(0));
    expect(indices.gradFn?.name).toBe("Reshape");
    expect(indices.gradFn?.prev[0].gradFn?.name).toBe("ArgBest");
  });
});

describe("prod", () => {
  it("multiplies over any dims", () => {
    fc.assert(
      fc.property(withDims(0), ([x, dims]) => {
        const shape = x.shape.map((n, d) => (dims.includes(d) ? 1 : n));
        const product = (numbers: number[]) => numbers.reduce((y, n) => y * n, 1);
        const round =
          x.dtype === "float32" ? Math.fround : x.dtype === "int32" ? (n: number) => n | 0 : Number;
        expectElements(x.prod(dims, { keepDim: true }).add(0), shape, (index) => {
          const expected = product(part(x, dims, index));
          return Math.abs(expected) < 2 ** 31
            ? round(expected) + 0
            : at(x.prod(dims, { keepDim: true }), index);
        });
      }),
    );
  });

  it("multiplies bytes in int32, and nothing to 1", () => {
    expect(tensor([200, 100], { dtype: "uint8" }).prod().item()).toBe(20000);
    expect(zeros([0]).prod().item()).toBe(1);
    expect(zeros([2, 0]).prod(1).toArray()).toEqual([1, 1]);
  });

  it("has the right gradient without, with one and with two zeros", () => {
    expect(gradientOf((x) => x.prod(), [2, 3, 4])).toEqual([12, 8, 6]);
    expect(gradientOf((x) => x.prod(), [2, 0, 4])).toEqual([0, 8, 0]);
    expect(gradientOf((x) => x.prod(), [2, 0, 0])).toEqual([0, 0, 0]);
    expect(gradientOf((x) => x.prod(), [])).toEqual([]);
  });

  it("has the right second derivative at a zero: ∂²(xyz)/∂x∂y = z", () => {
    const x = tensor([2, 0, 4], { requiresGrad: true, dtype: "float64" });
    const [first] = grad(x.prod(), [x], { createGraph: true });
    expect(grad(first.select(0, 1), [x])[0].toArray()).toEqual([4, 0, 2]);
  });
});

describe("norm", () => {
  const x = tensor([
    [3, -4],
    [0, 0],
  ]);

  it("is a length, a sum of sizes, the largest size, a count", () => {
    expect(x.norm().item()).toBe(5);
    expect(x.norm(1).toArray()).toEqual([5, 0]);
    expect(x.norm(1, { p: 1 }).toArray()).toEqual([7, 0]);
    expect(x.norm(0, { p: Infinity, keepDim: true }).toArray()).toEqual([[3, 4]]);
    expect(x.norm(1, { p: -Infinity }).toArray()).toEqual([3, 0]);
    expect(x.norm(undefined, { p: 0 }).item()).toBe(2);
    expect(tensor([1, 2, 2], { dtype: "int32" }).norm().item()).toBe(3);
    expect(tensor([3, 4, 5]).norm(0, { p: 3 }).item()).toBeCloseTo(6, 5); // 27 + 64 + 125 = 216
  });

  it("has gradient x/‖x‖, and 0 at its kink", () => {
    expect(gradientOf((x) => x.norm().mul(5), [3, -4])).toEqual([3, -4]);
    for (const p of [1, 1.5, 2, 3]) expect(gradientOf((x) => x.norm(0, { p }), [0, 0])).toEqual([0, 0]);
    expect(gradientOf((x) => x.norm(0, { p: 0.5 }), [0, 4])).toEqual([0, 1]);
    expect(gradientOf((x) => x.norm(0, { p: Infinity }), [2, -2])).toEqual([0.5, -0.5]);
    expect(gradientOf((x) => x.std(), [7, 7])).toEqual([0, 0]);
  });

  it("takes numbers only, and dims that exist", () => {
    expect(() => x.norm(0, { p: "fro" as never })).toThrowErrorMatchingInlineSnapshot(
      `[TypeError: norm: p = fro — the order of a norm is a number, Infinity included]`,
    );
    expect(() => x.norm(2)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: norm: dim 2 of a tensor of shape [2, 2] — dims go from -2 to 1]`,
    );
    expect(() => zeros([0]).norm(0, { p: Infinity })).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: norm: a tensor of shape [0] — dim 0 has no elements to choose from]`,
    );
  });
});
