import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LONG, sentencesOf } from "../../lib/sentences.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The READMEs and notes whose sentences are counted. */
export const pages: readonly string[] = [
  ...["README.md", "micrograd/README.md", "tensorgrad/README.md", "verify/README.md", "bench/README.md"],
  ...readdirSync(join(root, "notes"))
    .filter((file) => file.endsWith(".md"))
    .sort()
    .map((file) => `notes/${file}`),
];

/** How many sentences of a page are longer than 25 words, and which. */
export function measured(page: string) {
  const sentences = sentencesOf(readFileSync(join(root, page), "utf8"));
  const long = sentences.filter(({ words }) => words > LONG).sort((a, b) => b.words - a.words);
  return { page, sentences: sentences.length, long: long.length, texts: long.map(({ text }) => text) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = pages.map(measured);
  const [sentences, long] = [found, found].map((all, i) =>
    all.reduce((sum, one) => sum + (i === 0 ? one.sentences : one.long), 0),
  );
  if (process.argv.includes("--texts"))
    for (const { page, texts } of found) for (const text of texts) console.error(`${page}: ${text}`);
  console.log(
    JSON.stringify({
      longerThan: LONG,
      sentences,
      long,
      share: long / sentences,
      pages: found.map(({ texts: _, ...counts }) => counts),
    }),
  );
}
