import { expect, it } from "vitest";
import { checkScalarCase, scalarCases } from "./scalar-cases.ts";

it.each([100, 101])("no false alarm in 500 random programs and networks, seed %i", async (seed) => {
  for (const row of scalarCases) {
    const { name, failure } = await checkScalarCase(row, { seed, runs: 500 });
    expect([name, failure]).toEqual([name, null]);
  }
});
