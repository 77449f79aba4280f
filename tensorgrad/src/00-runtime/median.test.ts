import { describe, expect, it } from "vitest";
import { median } from "./median.ts";

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

  it("is NaN of none", () => {
    expect(median([])).toBeNaN();
  });
});
