import fc from "fast-check";
import { eye, Random, randn, type Tensor, tensor, zeros } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { svd } from "./svd.ts";

const double = { dtype: "float64" } as const;

/** The largest difference of two tensors. */
const apart = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();

/** Matrices of all ranks up to full. */
const matrices = fc
  .tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
    fc.nat(1e6),
  )
  .map(([m, n, rank, seed]) => {
    const random = new Random(seed);
    return randn([m, rank], { random, ...double }).matmul(randn([rank, n], { random, ...double }));
  });

describe("svd", () => {
  it.each([
    [
      "a diagonal",
      [
        [0, -2],
        [1, 0],
      ],
      [2, 1],
    ],
    [
      "a shear, with the golden ratio",
      [
        [1, 1],
        [0, 1],
      ],
      [(Math.sqrt(5) + 1) / 2, (Math.sqrt(5) - 1) / 2],
    ],
    [
      "a textbook's",
      [
        [3, 0],
        [4, 5],
      ],
      [Math.sqrt(45), Math.sqrt(5)],
    ],
    [
      "an outer product",
      [
        [1, 2],
        [2, 4],
        [2, 4],
      ],
      [Math.sqrt(45), 0],
    ],
    [
      "zeros",
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      [0, 0],
    ],
    ["a row", [[3, 4]], [5]],
  ])("knows %s", (_, values, expected) => {
    const { s } = svd(tensor(values, double));
    for (const [i, value] of expected.entries()) expect(s.data[i]).toBeCloseTo(value, 14);
  });

  it("gives orthonormal columns whose product is the matrix, largest first, whatever its rank", () => {
    fc.assert(
      fc.property(matrices, (a) => {
        const [m, n] = a.shape;
        const k = Math.min(m, n);
        const { u, s, v } = svd(a);
        expect([u.shape, s.shape, v.shape]).toEqual([[m, k], [k], [n, k]]);
        const bound = 1e-13 * Math.max(1, s.data[0]);
        expect(apart(u.mul(s).matmul(v.t()), a)).toBeLessThan(bound);
        for (const q of [u, v]) expect(apart(q.t().matmul(q), eye(k, double))).toBeLessThan(1e-13);
        expect([...s.data].every((x, i) => x >= 0 && (i === 0 || x <= s.data[i - 1]))).toBe(true);
      }),
    );
  });

  it("does not depend on the scale", () => {
    const a = randn([5, 4], { random: new Random(1), ...double });
    const { s } = svd(a);
    for (const scale of [1e-200, 1e200]) expect(apart(svd(a.mul(scale)).s.div(scale), s)).toBeLessThan(1e-14);
  });

  it("cut off after r, is as near as a matrix of rank r can be (Eckart & Young)", () => {
    fc.assert(
      fc.property(matrices, fc.integer({ min: 1, max: 8 }), fc.nat(1000), (a, cut, seed) => {
        const { u, s, v } = svd(a);
        const r = Math.min(cut, s.size);
        const near = u
          .narrow(1, 0, r)
          .mul(s.narrow(0, 0, r))
          .matmul(v.narrow(1, 0, r).t());
        const tail = Math.hypot(...Array.from(s.data).slice(r));
        expect(Math.abs(a.sub(near).norm().item() - tail)).toBeLessThan(1e-12 * Math.max(1, s.data[0]));
        const random = new Random(seed);
        const nudge = (t: Tensor) => t.add(randn(t.shape, { random, ...double }).mul(0.1));
        const other = nudge(u.narrow(1, 0, r).mul(s.narrow(0, 0, r))).matmul(nudge(v.narrow(1, 0, r)).t());
        expect(a.sub(other).norm().item()).toBeGreaterThanOrEqual(tail - 1e-12 * Math.max(1, s.data[0]));
      }),
    );
  });

  it("refuses what has no singular values", () => {
    expect(() => svd(zeros([2, 2, 2]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: svd: [2, 2, 2] — only a matrix [m, n] has singular values]`,
    );
    expect(() => svd(tensor([[1, Number.NaN]]))).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: svd: a matrix [1, 2] with elements that are NaN or ∞ — all must be finite]`,
    );
  });
});
