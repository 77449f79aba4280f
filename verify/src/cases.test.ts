import { describe, expect, it } from "vitest";
import { cases } from "./cases.ts";
import { checkCase } from "./gradients.ts";

describe("every row of the table", () => {
  it.each(cases.map((row) => [row.name, row] as const))("%s", (_, row) => {
    const result = checkCase(row, { runs: 20, directions: 2 });
    expect(result.failure?.message ?? null).toBeNull();
    expect({ kinks: result.kinks / result.directions, blunt: result.blunt / result.directions }).toSatisfy(
      (x: { kinks: number; blunt: number }) => result.directions === 0 || x.kinks + x.blunt < 0.1,
    );
  });
});
