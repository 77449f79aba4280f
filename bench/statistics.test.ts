import { describe, expect, it } from "vitest";
import { medianOf, significant } from "./statistics.ts";

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
