import { describe, expect, it } from "vitest";
import { termsOf } from "./glossary.ts";
import { unmarked } from "./marks.ts";

describe("unmarked", () => {
  it("leaves a marked number, and what follows on its line", () => {
    expect(unmarked("costs\n<!-- a.b fixed1 -->1.9<!-- / --> gradients\n")).toBe("costs\n1.9 gradients\n");
    expect(unmarked("| <!-- a.b -->7<!-- / --> |\n| <!-- a.c -->8<!-- / -->\n")).toBe("| 7 |\n| 8\n");
  });

  it("drops the line that names an excerpt", () => {
    expect(unmarked("text\n\n<!-- excerpt: a.ts -->\n```ts\nx\n```\n")).toBe("text\n\n```ts\nx\n```\n");
  });

  it("keeps what stands in code", () => {
    const text = "write `<!-- a.b -->7<!-- / -->`\n\n```md\n<!-- a.b -->\n```\n";
    expect(unmarked(text)).toBe(text);
  });

  it("lets Markdown read hidden answers", () => {
    expect(unmarked("<details><summary>Why?</summary>\nBecause `x`.\n</details>\n")).toBe(
      "<details><summary>Why?</summary>\n\nBecause `x`.\n\n</details>\n",
    );
  });
});

describe("termsOf", () => {
  it("reads terms and their lines, without the notes in parentheses", () => {
    const lines =
      "- **view** — shares memory ([01](01-tensor.md))\n- **heap** — see `alloc` ([decision 1](d/1.md))\n";
    expect([...termsOf(lines)]).toEqual([
      ["view", "shares memory"],
      ["heap", "see alloc"],
    ]);
  });
});
