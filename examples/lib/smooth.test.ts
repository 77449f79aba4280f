import { describe, expect, it } from "vitest";
import { runningMean, thinned } from "./smooth.ts";

describe("runningMean", () => {
  it("averages what there is until the window is full", () => {
    expect(runningMean([4, 2, 0, 4], 2)).toEqual([
      [1, 4],
      [2, 3],
      [3, 1],
      [4, 2],
    ]);
  });
});

describe("thinned", () => {
  it("keeps the first and the last item", () => {
    const items = Array.from({ length: 1000 }, (_, i) => i);
    expect(thinned(items, 5)).toEqual([0, 250, 500, 749, 999]);
    expect(thinned([1, 2], 5)).toEqual([1, 2]);
  });
});
