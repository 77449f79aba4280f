import { describe, expect, it } from "vitest";
import { definitions } from "../table/cases.ts";
import { checkReference } from "./references.ts";

describe("references", () => {
  it.each(definitions.map(({ name }) => name))("%s", (name) => {
    for (let seed = 0; seed < 20; seed++) expect(checkReference(name, seed)).toEqual({ name, wrong: null });
  });
});
