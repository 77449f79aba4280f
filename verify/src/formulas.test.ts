import { describe, expect, it } from "vitest";
import { cases } from "./cases.ts";
import { formulas } from "./formulas.ts";

describe("formulas", () => {
  it("has one for every row of the table, and none besides", () => {
    expect(Object.keys(formulas).sort()).toEqual(cases.map(({ name }) => name).sort());
  });

  it("gives a gradient to the rows that can be differentiated, and to no other", () => {
    const differentiable = cases.filter(({ order }) => order > 0).map(({ name }) => name);
    const explained = cases.map(({ name }) => name).filter((name) => formulas[name].gradient !== null);
    expect(explained).toEqual(differentiable);
  });
});
