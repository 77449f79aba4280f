import { describe, expect, it } from "vitest";
import { median, significant } from "./statistics.ts";

describe("median", () => {
  it("is the middle of an odd count, whatever their order", () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it("lies halfway between the two in the middle of an even count", () => {
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it("sorts numbers as numbers and leaves its argument alone", () => {
    const values = [10, 9, 100];
    expect(median(values)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  it("is null where nothing was measured", () => {
    expect(median([])).toBeNull();
  });
});

describe("significant", () => {
  it("keeps three digits of any magnitude", () => {
    expect([61.8432, 0.0012345, 1234].map(significant)).toEqual([61.8, 0.00123, 1230]);
  });
});
