import { expect, it } from "vitest";
import { draws } from "../../../tensorgrad/tests/draws.fixture.ts";
import { checkScalarCase, scalarCases } from "./scalar-cases.ts";

const SEEDS = [100, 101, 102, 103].slice(0, draws(4, 1));

it.each(SEEDS)("no false alarm in 500 random programs and networks, seed %i", async (seed) => {
  for (const row of scalarCases) {
    const { name, failure } = await checkScalarCase(row, { seed, runs: 500 });
    expect([name, failure]).toEqual([name, null]);
  }
});
