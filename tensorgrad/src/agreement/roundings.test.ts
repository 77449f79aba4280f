import { describe, expect, it } from "vitest";
import { roundings } from "./roundings.ts";

describe("roundings", () => {
  it("count spacings of the dtype at the size of the numbers", () => {
    expect(roundings([1 + 2 ** -52], [1], "float64")).toBe(0.5); // |t| + max |t| is 2
    expect(roundings([1000 + 1000 * 2 ** -22], [1000], "float32")).toBe(1);
    expect(roundings([2 ** -23, 8], [0, 8], "float32")).toBe(1 / 8);
    expect(roundings([2 ** -52], [0], "float64", 4)).toBe(1 / 4);
  });

  it("are none for equal numbers, and without end where nothing was to differ", () => {
    expect(roundings([0, NaN, Infinity], [0, NaN, Infinity], "float32")).toBe(0);
    expect(roundings([1e-300], [0], "float64")).toBe(Infinity);
    expect(roundings([NaN], [1], "float64")).toBe(Infinity);
    expect(roundings([1], [1, 2], "float64")).toBe(Infinity);
  });
});
