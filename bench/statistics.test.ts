import { describe, expect, it } from "vitest";
import { medianOf, ratioOf, significant } from "./statistics.ts";

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
