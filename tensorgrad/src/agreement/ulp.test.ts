import { describe, expect, it } from "vitest";
import { ulpError, ulpOf } from "./ulp.ts";

describe("ulpOf", () => {
  it("is the spacing of float32 numbers", () => {
    expect(ulpOf(1)).toBe(2 ** -23);
    expect(ulpOf(-1.5)).toBe(2 ** -23);
    expect(ulpOf(0.75)).toBe(2 ** -24);
    expect(ulpOf(0)).toBe(2 ** -149);
    expect(ulpOf(1e-40)).toBe(2 ** -149);
  });
});

describe("ulpError", () => {
  it("counts units of the last place", () => {
    expect(ulpError(1 + 3 * 2 ** -23, 1)).toBe(3);
    expect(ulpError(Math.fround(0.1), 0.1)).toBe(0); // correctly rounded
    expect(ulpError(2 ** -149, 0)).toBe(1);
    expect(ulpError(1e-9, 0, 1)).toBeCloseTo(1e-9 / 2 ** -23);
  });

  it("judges what is not finite", () => {
    expect(ulpError(NaN, NaN)).toBe(0);
    expect(ulpError(NaN, 1)).toBe(Infinity);
    expect(ulpError(Infinity, Infinity)).toBe(0);
    expect(ulpError(Infinity, -Infinity)).toBe(Infinity);
    expect(ulpError(Infinity, 1e39)).toBe(0);
    expect(ulpError(Infinity, 1)).toBeGreaterThan(1e9);
    expect(ulpError(3.4028234663852886e38, 1e39)).toBeGreaterThan(1);
  });
});
