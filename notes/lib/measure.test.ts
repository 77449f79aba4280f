import { describe, expect, it } from "vitest";
import { compared, exponent } from "./measure.ts";

describe("exponent", () => {
  it("finds the power in a power law", () => {
    expect(exponent([2, 4, 8].map((x) => [x, 5 * x ** 3]))).toBeCloseTo(3, 12);
    expect(exponent([1, 10].map((x) => [x, 7]))).toBeCloseTo(0, 12);
  });
});

describe("compared", () => {
  it("calls every way equally often, in turns", () => {
    const calls: string[] = [];
    compared({ a: () => void calls.push("a"), b: () => void calls.push("b") }, { rounds: 2, warmUp: 1 });
    const rounds = calls.join("").match(/../g) ?? []; // who begins a round changes, so that none is always second
    expect(rounds.map((round) => [...round].sort().join(""))).toEqual(["ab", "ab", "ab"]);
  });
});
