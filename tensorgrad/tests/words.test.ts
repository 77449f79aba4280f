import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const parts = ["micrograd", "tensorgrad", "verify", "examples", "bench", "notes", "scripts"];

/** Words that once meant two things. */
const words = ["Run", "Pass", "Loss", "Best", "GraphNode", "checkpoint", "collect", "give"];

describe("one meaning per word", () => {
  const sources = parts
    .flatMap(filesIn)
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

  it.each(words)("%s is declared once", (word) => {
    const declared = new RegExp(
      `^(?:export )?(?:abstract )?(?:class|interface|type|function|const) ${word}\\b`,
      "m",
    );
    const places = sources.filter(({ text }) => declared.test(text)).map(({ path }) => path);
    expect(places).toHaveLength(1);
  });

  it("own is an adjective: what owns memory is said by give", () => {
    expect(
      sources.filter(({ text }) => /^export .*\bown\b[ (,]/m.test(text)).map(({ path }) => path),
    ).toEqual([]);
  });
});

/** Every TypeScript source of a part, generated ones left out. */
function filesIn(part: string): string[] {
  return readdirSync(join(root, part), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/(^|[\\/])(node_modules|dist|generated|out)[\\/]/.test(file))
    .map((file) => join(part, file));
}
