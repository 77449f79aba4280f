import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commentsOf } from "../../lib/comments.ts";
import { LONG, sentencesOf } from "../../lib/sentences.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folders = ["micrograd/src", "tensorgrad/src", "verify/src"] as const;

interface Long {
  readonly at: string;
  readonly words: number;
  readonly text: string;
}

/** How many sentences of a folder's comments are longer than 25 words, and which; generated sources are left out. */
export function measured(folder: string): { folder: string; sentences: number; long: readonly Long[] } {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !file.startsWith("generated/"));
  const all = files
    .sort()
    .flatMap((file) =>
      commentsOf(readFileSync(join(root, folder, file), "utf8")).flatMap(({ line, text }) =>
        sentencesOf(text).map((sentence) => ({ ...sentence, at: `${folder}/${file}:${line}` })),
      ),
    );
  const long = all.filter(({ words }) => words > LONG).map(({ at, words, text }) => ({ at, words, text }));
  return { folder, sentences: all.length, long: long.sort((a, b) => b.words - a.words) };
}

export const everyFolder = () => folders.map(measured);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = everyFolder();
  const sum = (of: (one: (typeof found)[number]) => number) =>
    found.reduce((total, one) => total + of(one), 0);
  const [sentences, long] = [sum((one) => one.sentences), sum((one) => one.long.length)];
  console.log(JSON.stringify({ longerThan: LONG, sentences, long, share: long / sentences, folders: found }));
}
