import { describe, expect, it } from "vitest";
import { Random } from "../00-runtime/index.ts";
import { bootstrap, medianOf, ratioApart, ratioOf, significant } from "./statistics.ts";

describe("medianOf", () => {
  it("is the median, and null where nothing was measured", () => {
    expect([medianOf([9, 1, 5]), medianOf([])]).toEqual([5, null]);
  });
});

describe("significant", () => {
  it("keeps three digits of any magnitude", () => {
    expect([61.8432, 0.0012345, 1234].map(significant)).toEqual([61.8, 0.00123, 1230]);
  });
});

describe("ratioOf", () => {
  it("leaves out as many ratios at either end as the sign test allows", () => {
    const now = Array.from({ length: 15 }, () => 1);
    const before = Array.from({ length: 15 }, (_, i) => 15 - i);
    expect(ratioOf(before, now)).toEqual({ ratio: 8, low: 4, high: 12 }); // table of the sign test: 4th and 12th of 15
    expect(ratioOf(before.slice(0, 6), now)).toEqual({ ratio: 12.5, low: 10, high: 15 });
  });

  it("pairs the measurements of one round: what disturbs both leaves their ratio alone", () => {
    expect(ratioOf([2, 20, 2, 200, 2, 2], [1, 10, 1, 100, 1, 1])).toEqual({ ratio: 2, low: 2, high: 2 });
  });

  it("refuses too few rounds for an interval", () => {
    expect(() => ratioOf([1, 2, 3, 4, 5], [1, 1, 1, 1, 1])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ratioOf: 5 rounds — an interval of 95 % needs 6 or more]`,
    );
  });
});

describe("bootstrap", () => {
  it("holds the true median in about as many of 100 measurements as it says", () => {
    const random = new Random(5);
    const draw = () => Array.from({ length: 25 }, () => random.uniform() ** 2); // true median 0.25, skewed
    let held = 0;
    for (let i = 0; i < 200; i++) {
      const { low, high } = bootstrap(draw(), { resamples: 300, seed: i });
      if (low <= 0.25 && 0.25 <= high) held++;
    }
    expect(held).toBeGreaterThan(180);
    expect(held).toBeLessThan(200);
  });

  it("is the same each time, and has no width where samples do not differ", () => {
    expect(bootstrap([3, 1, 2])).toEqual(bootstrap([3, 1, 2]));
    expect(bootstrap([4, 4, 4])).toEqual({ estimate: 4, low: 4, high: 4 });
  });

  it("refuses what gives no interval", () => {
    expect(() => bootstrap([])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: bootstrap: no samples — an interval needs at least one]`,
    );
    expect(() => bootstrap([1], { level: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: bootstrap: level = 1 — a chance between 0 and 1]`,
    );
    expect(() => bootstrap([1], { resamples: 5 })).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: bootstrap: resamples = 5 — an integer, 100 or more]`,
    );
  });
});

describe("ratioApart", () => {
  it("is the ratio of the medians, with an interval around it", () => {
    const before = [10, 11, 9, 10, 12, 10];
    const { ratio, low, high } = ratioApart(
      before,
      before.map((x) => x / 2),
    );
    expect(ratio).toBe(2);
    expect(low).toBeLessThan(2);
    expect(high).toBeGreaterThan(2);
    expect(() => ratioApart([1], [1, 2])).toThrowErrorMatchingInlineSnapshot(
      `[RangeError: ratioApart: 1 and 2 samples — an interval needs 2 or more of both]`,
    );
  });
});
