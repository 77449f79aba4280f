import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { writeDurably } from "../../00-runtime/node.ts";

/** Whether a copy still is what the archive holds: the archive is the one that was unpacked, and unchanged since. */
export async function isFresh(copy: string, archive: string): Promise<boolean> {
  const found = await stat(copy).catch(() => null);
  if (!found?.isFile()) return false;
  const noted = await readFile(noteOf(copy), "utf8").catch(() => null);
  return noted === (await describe(archive));
}

/** Remembers what a copy was unpacked from. */
export const noteOrigin = async (copy: string, archive: string): Promise<void> =>
  writeDurably(noteOf(copy), await describe(archive));

const noteOf = (copy: string): string => `${copy}.origin.json`;

/** The system changes `ctime` whenever a file is written or renamed, and lets nobody set it. */
async function describe(archive: string): Promise<string> {
  const { size, mtimeMs, ctimeMs } = await stat(archive);
  return `${JSON.stringify({ archive: resolve(archive), size, mtimeMs, ctimeMs })}\n`;
}
