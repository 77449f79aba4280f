import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../index.ts";

describe("Random", () => {
  it("gives the same numbers for the same seed", () => {
    const draw = (seed: number) => Array.from({ length: 5 }, Random.prototype.uniform.bind(new Random(seed)));
    expect(draw(42)).toEqual(draw(42));
    expect(draw(42)).not.toEqual(draw(43));
  });

  it("goes on exactly where a saved state was taken, whatever was drawn before and after", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 2 ** 40 }),
        fc.array(fc.constantFrom("bits", "uniform", "normal", "reserve")),
        fc.nat(9),
        (seed, calls, more) => {
          const random = new Random(seed);
          for (const call of calls) call === "reserve" ? random.reserve(3) : random[call]();
          const copy = new Random(0);
          copy.state = random.state;
          for (let i = 0; i <= more; i++) expect(copy.bits()).toBe(random.bits());
        },
      ),
    );
  });

  it("draws uniform, normal and integer numbers with the right moments", () => {
    const random = new Random(1);
    const n = 20_000;
    const mean = (xs: number[]) => xs.reduce((sum, x) => sum + x, 0) / n;
    const uniform = Array.from({ length: n }, () => random.uniform());
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(uniform.every((x) => x >= 0 && x < 1)).toBe(true);
    const normal = Array.from({ length: n }, () => random.normal());
    expect(Math.abs(mean(normal))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(mean(normal.map((x) => x * x)) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < n; i++) counts[random.integer(7)]++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - n / 7) ** 2 / (n / 7), 0);
    expect(chiSquare).toBeLessThan(22.5); // 99.9 % of χ² with 6 degrees of freedom
  });

  it("permutes: every number once", () => {
    expect([...new Random(3).permutation(100)].sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
  });

  it("refuses seeds and bounds that are none", () => {
    expect(() => new Random(-1)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: manualSeed: -1 — a seed is an integer from 0 to 2^53 − 1]`,
    );
    expect(() => new Random(1.5)).toThrow("a seed is an integer");
    expect(() => new Random(0).integer(0)).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: integer: 0 — the bound is an integer from 1 to 2^32]`,
    );
  });
});
