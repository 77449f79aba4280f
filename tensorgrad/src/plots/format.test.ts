import { expect, it } from "vitest";
import { shortNumber } from "./format.ts";

it("writes numbers at an axis short, and no millions that are thousandths", () => {
  expect([0, 0.45, 0.0012, -0.5, 1, 20, 999, 1000, 1234, 140_000, 3e6, 2e9].map(shortNumber)).toEqual([
    ...["0", "0.45", "0.0012", "-0.5", "1", "20", "999", "1k", "1.23k", "140k", "3M", "2G"],
  ]);
});
