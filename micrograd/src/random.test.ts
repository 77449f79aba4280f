import { describe, expect, it } from "vitest";
import { seeded } from "./random.ts";

describe("seeded", () => {
  it("gives the same numbers for the same seed, for ever", () => {
    const random = seeded(1);
    expect([random(), random(), random()]).toMatchInlineSnapshot(`
      [
        0.6270739405881613,
        0.002735721180215478,
        0.5274470399599522,
      ]
    `);
  });

  it("gives other numbers for other seeds, also beyond 32 bits", () => {
    const first = [0, 1, 2, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 33, Number.MAX_SAFE_INTEGER].map((seed) =>
      seeded(seed)(),
    );
    expect(new Set(first).size).toBe(first.length);
  });

  it("is uniform: moments, ten bins, and no correlation between neighbours or neighbouring seeds", () => {
    const n = 100_000;
    const random = seeded(7);
    const x = Array.from({ length: n }, random);
    const bins = Array.from({ length: 10 }, (_, i) => x.filter((xi) => Math.floor(xi * 10) === i).length);
    const chiSquare = bins.reduce((sum, count) => sum + (count - n / 10) ** 2 / (n / 10), 0);
    expect(Math.min(...x.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(x.every((xi) => xi >= 0 && xi < 1)).toBe(true);
    expect(mean(x)).toBeCloseTo(1 / 2, 2);
    expect(mean(x.map((xi) => xi * xi))).toBeCloseTo(1 / 3, 2);
    expect(chiSquare).toBeLessThan(28); // 9 degrees of freedom: above 27.9 in one of 1000 samples
    expect(mean(x.slice(1).map((xi, i) => (xi - 0.5) * (x[i]! - 0.5)))).toBeCloseTo(0, 2);
    const starts = Array.from({ length: 10_000 }, (_, seed) => seeded(seed)());
    expect(mean(starts)).toBeCloseTo(1 / 2, 1);
    expect(mean(starts.slice(1).map((xi, i) => (xi - 0.5) * (starts[i]! - 0.5)))).toBeCloseTo(0, 2);
  });

  it("refuses what is no seed", () => {
    expect(() => seeded(-1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: seeded(-1): not a seed — expected an integer from 0 to 2^53 - 1]`,
    );
    expect(() => seeded(1.5)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: seeded(1.5): not a seed — expected an integer from 0 to 2^53 - 1]`,
    );
    expect(() => seeded(Number.NaN)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: seeded(NaN): not a seed — expected an integer from 0 to 2^53 - 1]`,
    );
    expect(() => seeded("7" as unknown as number)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: seeded(7): not a seed — expected an integer from 0 to 2^53 - 1]`,
    );
  });
});

function mean(x: readonly number[]): number {
  return x.reduce((sum, xi) => sum + xi, 0) / x.length;
}
