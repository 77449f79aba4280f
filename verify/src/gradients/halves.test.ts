import { describe, expect, it } from "vitest";
import { exampleOf } from "../table/case.ts";
import { cases } from "../table/cases.ts";
import { inHalves } from "./halves.ts";

describe.each(["bfloat16", "float16"] as const)("every operation of the table, given %s", (half) => {
  it.each(cases.map((row) => [row.name, row] as const))("%s", (_, row) => {
    for (let seed = 1; seed <= 6; seed++) {
      const report = inHalves(exampleOf(row, seed), half);
      console.log(row.name, half, seed, JSON.stringify(report));
    }
    expect(1).toBe(1);
  });
});
