import { describe, expect, it } from "vitest";
import { checkReference, references } from "./references.ts";

describe("references", () => {
  it.each(Object.keys(references))("%s", (name) => {
    for (let seed = 0; seed < 20; seed++) expect(checkReference(name, seed)).toEqual({ name, wrong: null });
  });
});
