import { describe, expect, it } from "vitest";
import { median, quantile } from "./median.ts";

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

describe("quantile", () => {
  it("lies between two of the numbers in proportion, whatever their order", () => {
    const values = [40, 10, 30, 20];
    expect([0, 0.5, 0.9, 1].map((q) => quantile(values, q))).toEqual([10, 25, 37, 40]);
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it("is the median at one half, also between two infinities", () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(median([3, 1, 2]));
    expect(quantile([Infinity, Infinity], 0.5)).toBe(Infinity);
  });
});
