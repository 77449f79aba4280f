import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, numberFrom, shown } from "./numbers.ts";
import { queryOf, read } from "./url-state.ts";

describe("the state in an address", () => {
  const defaults = { expression: "a*b + c", h: 0.001, naive: false };

  it("comes back as it was", () => {
    const states = fc.record({
      expression: fc.string({ unit: "grapheme" }),
      h: fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0), // −0 is 0 in an address
      naive: fc.boolean(),
    });
    fc.assert(
      fc.property(states, (state) => {
        expect(read(defaults, new URLSearchParams(queryOf(state, defaults)))).toEqual(state);
      }),
    );
  });

  it("is short where defaults hold, and takes the default for what it cannot read", () => {
    expect(queryOf({ ...defaults, h: 0.5 }, defaults)).toBe("h=0.5");
    expect(read(defaults, new URLSearchParams("h=wide&naive=perhaps&other=1"))).toEqual(defaults);
  });
});

describe("numbers of a page", () => {
  it("have few digits and a minus sign", () => {
    const numbers = [0, 0.5, -1 / 3, 12.345678, 123456.7, 1e-9, -2.5e7, Infinity, NaN];
    expect(numbers.map((x) => shown(x))).toEqual([
      "0",
      "0.5",
      "−0.3333",
      "12.35",
      "123457",
      "1.000e−9",
      "−2.500e+7",
      "∞",
      "NaN",
    ]);
    expect([12, 1536, 2.5e6].map(bytes)).toEqual(["12 B", "1.54 kB", "2.5 MB"]);
  });

  it("are read as they are shown; what is none is null", () => {
    expect(["−0.5", " 12 ", "1e-3", "", "wide", "1e999"].map(numberFrom)).toEqual([
      -0.5,
      12,
      0.001,
      null,
      null,
      null,
    ]);
  });
});
