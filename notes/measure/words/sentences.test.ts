import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { LONG, sentencesOf } from "../../lib/sentences.ts";
import { measured, pages } from "./sentences.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

describe("sentencesOf", () => {
  it("reads prose, and neither code nor tables", () => {
    const page =
      "# Title\n\nOne two three. Four five\nsix, as in [a link](x.md).\n\n```ts\ncode();\n```\n\n| a | b |\n";
    expect(sentencesOf(page)).toEqual([
      { text: "One two three.", words: 3 },
      { text: "Four five six, as in a link.", words: 6 },
    ]);
  });

  it("counts a line of a list as a sentence, and a call as a word", () => {
    const [first, second] = sentencesOf("- one two `f(a, b)` three\n- see Ioffe et al. 2015 for more\n");
    expect(first.words).toBe(3 + 1 - 1); // f(a,b) has no word of two letters
    expect(second.text).toBe("see Ioffe et al. 2015 for more");
  });
});

describe("the pages", () => {
  const found = pages.map(measured);
  const share = (some: typeof found): number =>
    some.reduce((sum, { long }) => sum + long, 0) / some.reduce((sum, { sentences }) => sum + sentences, 0);

  it(`have at most one sentence in twenty that is longer than ${LONG} words`, () => {
    const texts = found.flatMap(({ page, texts }) => texts.map((text) => `${page}: ${text}`));
    expect(share(found), texts.join("\n")).toBeLessThanOrEqual(0.05);
  });

  it("that one reads first have even fewer", () => {
    const first = ["README.md", "micrograd/README.md", "notes/00-micrograd.md", "notes/01-tensor.md"];
    expect(share(found.filter(({ page }) => first.includes(page)))).toBeLessThanOrEqual(0.03);
  });

  it("have none of the sentences that were replaced", () => {
    const { replaced } = JSON.parse(readFileSync(join(root, "notes/logs/plain-words.json"), "utf8")) as {
      replaced: { page: string; before: string }[];
    };
    const plain = (text: string) => text.replace(/^\s*(\*|\/\/) /gm, "").replace(/\s+/g, " ");
    const back = replaced.filter(({ page, before }) =>
      plain(readFileSync(join(root, page), "utf8")).includes(plain(before)),
    );
    expect(back).toEqual([]);
    expect(replaced.length).toBeGreaterThanOrEqual(75);
  });
});
