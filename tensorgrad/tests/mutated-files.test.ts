import { scope } from "tensorgrad";
import { describe, expect, it } from "vitest";
import { fuzzFiles, KINDS } from "./mutated-files.fixture.ts";

describe.each(Object.keys(KINDS))("mutated %s files", (kind) => {
  it("come from files that are read", () => {
    using _ = scope();
    for (const bytes of KINDS[kind].originals()) KINDS[kind].read(bytes);
  });

  it("are refused in our words, or read: never anything else", () => {
    const { strange, refused, read } = fuzzFiles(kind, 500, 1);
    expect(strange).toEqual([]);
    expect(refused + read).toBe(500);
    expect(refused).toBeGreaterThan(50);
  });
});
