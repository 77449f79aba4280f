import { execFileSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Every Markdown file of the repository, as git knows them. */
export function markdownFiles(): string[] {
  const list = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
    cwd: root,
    encoding: "utf8",
  });
  return list.split("\n").filter(Boolean);
}

export interface Snippet {
  readonly line: number;
  readonly code: string;
}

/** The fenced TypeScript blocks that promise a printed result (`// → …`). */
export function snippets(markdown: string): Snippet[] {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    .map((match) => ({ line: markdown.slice(0, match.index).split("\n").length, code: match[1] }))
    .filter(({ code }) => code.includes("// →"));
}

/** What a snippet promises to print, one entry per `// →`. */
export const promises = (code: string): string[] =>
  [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text.trim());
