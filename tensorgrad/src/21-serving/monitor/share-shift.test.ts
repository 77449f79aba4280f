import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shareShift, smallerTail } from "./share-shift.ts";

describe("smallerTail", () => {
  it("counts by hand: of 4 with 2 marked, drawing 2 gets both in one of six ways, and at most one in five", () => {
    expect(smallerTail(2, 2, 2, 4)).toBeCloseTo(1 / 6, 14);
    expect(smallerTail(1, 2, 2, 4)).toBeCloseTo(5 / 6, 14);
  });

  it("agrees with SciPy 1.17 (scipy.stats.hypergeom)", () => {
    const known = [
      [5, 30, 50, 150, 0.022339531904606164],
      [80, 600, 500, 5500, 0.0001717180822602489],
      [90, 600, 500, 5500, 4.2291155575633086e-7],
      [20, 55, 500, 5500, 2.5147766584218813e-8],
      [0, 120, 500, 5500, 9.454227022768504e-6],
      [300, 2000, 500, 5500, 1.6074378905832943e-29],
      [1500, 100000, 10000, 1000000, 5.376169118009584e-56],
    ];
    for (const [x, c, m, N, tail] of known) expect(smallerTail(x, c, m, N) / tail).toBeCloseTo(1, 8);
  });

  it("is a chance that no more than a share a of all draws falls to a or below: exact, so never too small", () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        (c, rest, draws, level) => {
          const N = c + rest;
          const m = Math.min(draws, N);
          let [mass, total] = [0, 0];
          for (let x = Math.max(0, m - rest); x <= Math.min(c, m); x++) {
            const chance = (choose(c, x) * choose(rest, m - x)) / choose(N, m);
            total += chance;
            if (2 * smallerTail(x, c, m, N) <= level) mass += chance;
          }
          expect(total).toBeCloseTo(1, 9);
          expect(mass).toBeLessThanOrEqual(level + 1e-9);
        },
      ),
    );
  });
});

describe("shareShift", () => {
  it("takes the bin that changed most, and pays for having looked at all", () => {
    const { statistic, p } = shareShift([50, 50, 0], [10, 40, 0]);
    expect(statistic).toBeCloseTo(0.3, 12);
    expect(p).toBeCloseTo(2 * 2 * smallerTail(10, 60, 50, 150), 12); // the empty bin was not looked at
  });

  it("says nothing of nothing, and of one bin alone", () => {
    expect(shareShift([0, 0], [1, 2])).toEqual({ statistic: 0, p: 1 });
    expect(shareShift([5, 5], [0, 0])).toEqual({ statistic: 0, p: 1 });
    expect(shareShift([5], [9])).toEqual({ statistic: 0, p: 1 });
  });
});

function choose(n: number, k: number): number {
  let product = 1;
  for (let i = 0; i < k; i++) product *= (n - i) / (i + 1);
  return product;
}
