import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const notes = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(join(notes, file), "utf8");

describe("the glossary", () => {
  const lines = read("glossary.md")
    .split("\n")
    .filter((line) => line.startsWith("- "));

  it("has one line a term, in alphabetical order, each term once", () => {
    const terms = lines.map((line) => /^- \*\*(.+?)\*\* — \S/.exec(line)?.[1] ?? `no term: ${line}`);
    const sorted = [...terms].sort((a, b) => a.localeCompare(b, "en", { sensitivity: "base" }));
    expect(terms).toEqual(sorted);
    expect(new Set(terms).size).toBe(terms.length);
    expect(terms.length).toBeGreaterThan(45);
  });

  it("links to what exists, and is linked from the first note", () => {
    const targets = lines.flatMap((line) => [...line.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target));
    expect(targets.filter((target) => !existsSync(join(notes, target)))).toEqual([]);
    expect(read("00-micrograd.md")).toContain("(glossary.md)");
  });
});

describe("the index of decisions", () => {
  it("lists every page with its title", () => {
    const pages = readdirSync(join(notes, "decisions")).filter((file) => /^\d{4}-/.test(file));
    const index = read("decisions/README.md");
    const missing = pages.filter((page) => {
      const [number, ...title] = read(`decisions/${page}`).split("\n")[0].replace("# ", "").split(" ");
      return !index.includes(`- [${number}](${page}) ${title.join(" ")}`);
    });
    expect(missing).toEqual([]);
    expect(pages.length).toBeGreaterThan(10);
  });
});
