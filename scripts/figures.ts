import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { standalone } from "tensorgrad/plots";
import { writeDurably } from "tensorgrad/runtime/node";
import { root } from "./markdown.ts";

/**
 * Pictures of the notes, drawn by real code from real tensors and committed logs.
 *
 * `notes/figures/<note>.ts` exports `figures`: by name, functions that return SVG text. `npm run figures` writes them to
 * `notes/figures/<note>-<name>.svg`; a test fails when one is not what its code draws.
 */
export type Figures = Readonly<Record<string, () => string | Promise<string>>>;

const folder = join(root, "notes/figures");

/** Every picture there should be, by file name. */
export async function drawn(): Promise<Map<string, string>> {
  const pictures = new Map<string, string>();
  const sources = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  for (const source of sources.sort()) {
    const { figures } = (await import(pathToFileURL(join(folder, source)).href)) as { figures: Figures };
    for (const [name, draw] of Object.entries(figures)) {
      pictures.set(`${source.slice(0, -3)}-${name}.svg`, `${standalone(await draw()).trimEnd()}\n`);
    }
  }
  return pictures;
}

/** The picture as it lies in the repository, or null. */
export function committed(file: string): string | null {
  try {
    return readFileSync(join(folder, file), "utf8");
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, svg] of await drawn()) {
    if (committed(file) === svg) continue;
    await writeDurably(join(folder, file), svg);
    console.log(`wrote notes/figures/${file}`);
  }
}
