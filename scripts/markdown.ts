import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

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

const { paths } = (
  JSON.parse(readFileSync(resolve(root, "tsconfig.json"), "utf8")) as { compilerOptions: { paths: Paths } }
).compilerOptions;
type Paths = Readonly<Record<string, readonly string[]>>;

/** The code with imports of this workspace's packages led to their sources, so that no build is needed to run it. */
export const onSources = (code: string): string =>
  code.replaceAll(/(from|import\() ?"([^".][^"]*)"/g, (whole, word: string, name: string) => {
    const exact = paths[name]?.[0];
    const wildcard = Object.entries(paths).find(
      ([key]) => key.endsWith("/*") && name.startsWith(key.slice(0, -1)),
    );
    const target = exact ?? wildcard?.[1][0].replace("*", name.slice(wildcard[0].length - 1));
    return target ? `${word} ${JSON.stringify(pathToFileURL(resolve(root, target)).pathname)}` : whole;
  });
