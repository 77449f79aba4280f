import { describe, expect, it } from "vitest";
import { draws } from "../../../tensorgrad/tests/draws.fixture.ts";
import { completeness } from "../completeness.ts";
import { checkCase } from "../gradients/gradients.ts";
import { cases } from "./cases.ts";

describe("every row of the table", () => {
  it.each(cases.map((row) => [row.name, row] as const))("%s", (_, row) => {
    const result = checkCase(row, { runs: draws(8, 4), directions: 2 });
    expect(result.failure?.message ?? null).toBeNull();
    expect({ kinks: result.kinks / result.directions, blunt: result.blunt / result.directions }).toSatisfy(
      (x: { kinks: number; blunt: number }) => result.directions === 0 || x.kinks + x.blunt < 0.1,
    );
  });
});

describe("the table", () => {
  const { all, ...gaps } = completeness();

  it("has a row for every exported Function, layer and loss", () => {
    expect(all.length).toBeGreaterThan(60);
    expect(gaps.withoutCase).toEqual([]);
  });

  it("claims nothing that its examples do not run", () => {
    expect(gaps.emptyClaims).toEqual([]);
  });

  it("says why an operation has no ONNX translation", () => {
    expect(gaps.unexplained).toEqual([]);
    expect(gaps.staleReasons).toEqual([]);
  });

  it("gives every row a name of its own, and names for its inputs", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    for (const { inputNames } of cases) expect(inputNames.length).toBeGreaterThan(0);
  });
});
