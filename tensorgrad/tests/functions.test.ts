import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as listed from "../src/entries/functions.ts";

const src = fileURLToPath(new URL("../src", import.meta.url));

describe("tensorgrad/functions", () => {
  it("lists every operation, so that a table of proofs can miss none", async () => {
    const known = new Set(Object.values(listed).flatMap((one) => [one, ...Object.values(one)]));
    const found = await operations();
    expect(found.length).toBeGreaterThan(70);
    expect(found.filter(([, type]) => !known.has(type)).map(([where]) => where)).toEqual([]);
  });
});

/** Whatever the modules export that extends Function, and where it stands; bases of others are no operations. */
async function operations(): Promise<[where: string, type: object][]> {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => /^\d\d-.*\.ts$/.test(file) && !/\.(test|fixture|agreement|simd|d)\.ts$/.test(file))
    .map((file) => join(src, file))
    .filter((file) => /\bFunction\b/.test(readFileSync(file, "utf8")));
  const found: [string, object][] = [];
  for (const file of files) {
    const module: Record<string, unknown> = await import(file);
    for (const [name, value] of Object.entries(module)) {
      if (typeof value === "function" && value.prototype instanceof listed.Function)
        found.push([`${relative(src, file)}: ${name}`, value]);
    }
  }
  const bases = new Set<object>(found.map(([, type]) => Object.getPrototypeOf(type)));
  return found.filter(([, type]) => !bases.has(type));
}
