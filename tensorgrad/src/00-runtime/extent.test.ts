import { describe, expect, it } from "vitest";
import { extentOf } from "./extent.ts";

describe("extentOf", () => {
  it("finds the least and the greatest of values, however many", () => {
    expect(extentOf([3, -1, 2])).toEqual([-1, 3]);
    const many = Float64Array.from({ length: 300_000 }, (_, i) => i);
    expect(extentOf(many)).toEqual([0, 299_999]);
  });

  it("is empty for none, and NaN where a value is", () => {
    expect(extentOf([])).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect(extentOf([1, Number.NaN])).toEqual([Number.NaN, Number.NaN]);
  });
});
