import { describe, expect, it } from "vitest";
import { fate, kinds } from "./mutated-files.fixture.ts";

describe("mutated files of others", () => {
  for (const [name, kind] of Object.entries(kinds)) {
    it(`${name}: are refused in our words, or read`, () => {
      const { strange, refused, read, files, mostMemory } = fate(kind, 400, 1);
      expect(strange).toEqual([]);
      expect(refused + read).toBe(files);
      expect(refused).toBeGreaterThan(0);
      if (name !== "csv") expect(mostMemory).toBeLessThanOrEqual(2); // a table's words become columns
      expect(kind.originals().map((bytes) => kind.read(bytes))).not.toContain(undefined);
    });
  }
});
