import { describe, expect, it } from "vitest";
import { commentsOf } from "../../lib/comments.ts";
import { everyFolder } from "./comments.ts";

describe("commentsOf", () => {
  it("reads blocks, lines and ends of lines, and no tables", () => {
    const source = [
      "/**",
      " * Adds two numbers.",
      " *",
      " * Shapes    a [N], b [N] → [N]",
      " * Throws    TypeError for what is no number, and then says",
      " *           what it was",
      " */",
      "// Why it is so.",
      "// And more.",
      "// biome-ignore lint/x: y",
      "f(a); // a copy",
      'g("http://x // y");',
    ].join("\n");
    expect(commentsOf(source).map(({ line, text }) => [line, text.trim()])).toEqual([
      [1, "Adds two numbers."],
      [8, "Why it is so.\nAnd more."],
      [11, "a copy"],
    ]);
  });
});

describe("comments of the sources", () => {
  it("have at most one sentence in twenty that is longer than 25 words, in every package", () => {
    for (const { folder, sentences, long } of everyFolder()) {
      const texts = long.map(({ at, text }) => `${at} ${text}`).join("\n");
      expect(long.length / sentences, `${folder}\n${texts}`).toBeLessThanOrEqual(0.05);
      expect(sentences).toBeGreaterThan(50);
    }
  });
});
