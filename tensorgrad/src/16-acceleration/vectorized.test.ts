import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { randn, zeros } from "../01-tensor/index.ts";
import { naiveMatmul, vectorizedMatmul } from "./vectorized.ts";

describe("vectorizedMatmul", () => {
  it("agrees with the definition, also for transposed matrices", () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(size, size, size, fc.nat(), fc.boolean(), (m, k, n, seed, turned) => {
        const random = new Random(seed);
        const a = turned ? randn([k, m], { random }).t() : randn([m, k], { random });
        const b = randn([k, n], { random });
        const [fast, plain] = [vectorizedMatmul(a, b), naiveMatmul(a, b)];
        expect(fast.shape).toEqual([m, n]);
        for (let i = 0; i < fast.size; i++)
          expect(Math.abs(fast.data[i] - plain.data[i])).toBeLessThan(1e-5 * (1 + k));
      }),
      { numRuns: 30 },
    );
  });

  it("refuses what does not fit", () => {
    expect(() => vectorizedMatmul(zeros([2, 3]), zeros([2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: vectorizedMatmul: float32 [2, 3] · float32 [2, 3] — two matrices of one dtype, [m, k] and [k, n]]`,
    );
    expect(() => naiveMatmul(zeros([2]), zeros([2, 3]))).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: naiveMatmul: float32 [2] · float32 [2, 3] — two matrices of one dtype, [m, k] and [k, n]]`,
    );
  });
});
