import type { MarkdownRenderer } from "vitepress";

/**
 * Leaves out the comments that mark numbers and excerpts, `<!-- 05-autograd.result.passes fixed1 -->1.7<!-- / -->`. A line that
 * begins with a comment would be HTML for Markdown, not text, so they have to go before anything is read. Also gives the
 * text between `<summary>` and `</details>` the empty lines without which Markdown does not read it.
 */
export const unmarked = (markdown: string): string =>
  markdown
    .split(/^(```[\s\S]*?^```$)/m)
    .map((part, i) => (i % 2 === 1 ? part : unmarkedText(part)))
    .join("");

const unmarkedText = (text: string): string =>
  text
    .replace(/(`+)(?!`)[^\n]*?[^`]\1(?!`)|<!--[\s\S]*?-->\n?/g, (whole, ticks: string | undefined) =>
      ticks
        ? whole
        : whole.endsWith("\n") && !whole.startsWith("<!-- /")
          ? ""
          : whole.endsWith("\n")
            ? "\n"
            : "",
    )
    .replaceAll("</summary>\n", "</summary>\n\n")
    .replaceAll("\n</details>", "\n\n</details>");

export function withoutMarks(md: MarkdownRenderer): void {
  md.core.ruler.after("normalize", "marks", (state) => {
    state.src = unmarked(state.src);
  });
}
