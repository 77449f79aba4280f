import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { committed, drawn } from "./figures.ts";
import { root } from "./markdown.ts";

/** What every note of a module has, in this order. */
const SECTIONS = [
  "What you have, will have, and will not build",
  "A picture",
  "By hand first",
  "The rule",
  "The code, in reading order",
  "Three classic bugs",
  "How it is proved",
  "Systems analysis",
  "What others do",
  "Predict, then measure",
  "Five questions",
  "Do it",
  "Next, and sources",
];
/** Of those, what belongs to exercises: notes of modules without any leave it out. */
const LEARNED = ["Predict, then measure", "Do it"];

const folder = join(root, "notes");
const notes = readdirSync(folder).filter((file) => /^\d\d-[\w-]+\.md$/.test(file));
const pictures = await drawn();

describe.each(notes)("notes/%s", (file) => {
  const text = readFileSync(join(folder, file), "utf8");

  it("is read in one sitting: at most 175 lines", () => {
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(175);
  });

  it("opens with its question and goes through every section", () => {
    const [title, , question] = text.split("\n");
    expect(title).toMatch(/^# \d\d /);
    expect(question, "the third line is the question").toMatch(/^\*\*.*\?\*\*/);
    const sections = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(sections).toEqual(SECTIONS.filter((one) => sections.includes(one) || !LEARNED.includes(one)));
  });

  it("asks five questions whose answers are hidden", () => {
    const section = text.slice(text.indexOf("## Five questions"));
    expect(section.match(/<details><summary>.+<\/summary>/g) ?? []).toHaveLength(5);
    expect(section.match(/<\/details>/g) ?? []).toHaveLength(5);
  });

  it("links only to what exists", () => {
    const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target);
    const missing = targets.filter((target) => !/^https?:/.test(target) && !existsSync(join(folder, target)));
    expect(missing).toEqual([]);
  });

  it("names only files that exist", () => {
    const named = [...text.matchAll(/`((?:micrograd|tensorgrad|verify|examples|scripts|bench)\/[\w./-]+)`/g)];
    expect(named.map(([, path]) => path).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("quotes the sources as they are", () => {
    for (const [, source, code] of text.matchAll(/<!-- excerpt: (\S+) -->\n+```ts\n(.*?)```/gs)) {
      const original = normalized(readFileSync(join(root, source), "utf8"));
      // A line `// …` stands for what is left out.
      for (const part of code.split(/^ *\/\/ …\n/m)) expect(original).toContain(normalized(part));
    }
  });

  it("takes times and rates from logs", () => {
    const prose = text
      .replace(/^```.*?^```$/gms, "")
      .replace(/<!-- [\w-]+\.[\w.]+(?: \w+)? -->.*?<!-- \/ -->/gs, "·");
    expect(
      prose.match(/(?<![\w.])\d[\d.,]*\s?(?:ns|µs|ms|s|min|GB\/s|MB\/s|GFLOP\/s)(?![\w/])/g) ?? [],
    ).toEqual([]);
  });

  it("shows a picture that real code drew", () => {
    const shown = [...text.matchAll(/!\[[^\]]{20,}\]\(figures\/([\w-]+\.svg)\)/g)].map(([, name]) => name);
    expect(shown.length).toBeGreaterThanOrEqual(1);
    for (const name of shown) expect([...pictures.keys()]).toContain(name);
  });
});

describe("figures of the notes", () => {
  it.each([...pictures.keys()])("%s is what its code draws (npm run figures draws them anew)", (file) => {
    expect(committed(file) === pictures.get(file)).toBe(true); // thousands of numbers would be no help here
  });

  it("has no picture that nothing draws or shows", () => {
    const files = readdirSync(join(folder, "figures")).filter((file) => file.endsWith(".svg"));
    expect(files.sort()).toEqual([...pictures.keys()].sort());
    const pages = [...notes.map((file) => `notes/${file}`), "README.md"];
    const texts = pages.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
    expect(files.filter((file) => !texts.includes(`figures/${file}`))).toEqual([]);
  });
});

/** Indentation and blank lines aside. */
function normalized(code: string): string {
  return code
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .join("\n");
}
