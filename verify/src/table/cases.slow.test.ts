import { describe, expect, it } from "vitest";
import { draws } from "../../../tensorgrad/tests/draws.fixture.ts";
import { checkRow } from "../gradients/gradients.ts";
import { FULL } from "../section.ts";
import { cases } from "./cases.ts";

describe("every row of the table, on a seed of its own", () => {
  it.each(cases.map((row, i) => [row.name, row, 1000 + i] as const))("%s", (_, row, seed) => {
    expect(checkRow(row, { ...FULL, runs: draws(30, 2), seed, filter: "" }).complaint).toBeNull();
  });
});
