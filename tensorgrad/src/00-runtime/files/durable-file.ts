import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { temporaryFor } from "./temporary.ts";

/**
 * Writes a file so that its name always stands for a whole file, also after a crash or a power cut. The content goes
 * to a temporary name in the same folder and is flushed to the disk. Then the file is renamed, and the folder, which
 * holds the name, is flushed as well.
 *
 * Threads and processes may write to one path at once: each has its own temporary name, and the last to rename wins.
 * When writing fails (a full disk) the temporary file is removed and an earlier file stays as it was.
 *
 * Throws    TypeError for a path that is no regular file, such as a device; the system's error if the disk refuses
 */
export const writeDurably = (path: string, content: Uint8Array | string): Promise<void> =>
  replaceDurably(path, (temporary, mode) => writeFile(temporary, content, { flag: "wx", mode }));

/** As `writeDurably`, for content that arrives in pieces: `fill` writes all of it under the temporary name. */
export async function replaceDurably(
  path: string,
  fill: (temporary: string, mode: number) => Promise<unknown>,
): Promise<void> {
  const target = await realpath(path).catch(() => path); // a link stays one
  const mode = modeOf(path, await stat(target).catch(() => null));
  const temporary = temporaryFor(target);
  try {
    await fill(temporary, mode);
    await giveName(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Gives a whole file its name, for good: its bytes reach the disk before the name does. */
export async function giveName(temporary: string, target: string): Promise<void> {
  await flush(temporary, "r+");
  await rename(temporary, target);
  if (namesAreFlushed) await flush(dirname(target), "r");
}

/**
 * As `giveName`, for a folder whose files were written durably: they all appear at once. `levels` names above it are
 * flushed, for folders that are new themselves.
 *
 * Throws    the system's ENOTEMPTY or EEXIST where there is such a folder with something in it, which stays
 */
export async function giveFolderName(temporary: string, target: string, levels = 1): Promise<void> {
  await rename(temporary, target);
  let at = target;
  for (let level = 0; level < levels && namesAreFlushed; level++) {
    at = dirname(at);
    await flush(at, "r");
  }
}

async function flush(path: string, flags: "r" | "r+"): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** `writeDurably` for small files, where nothing can be awaited. */
export function writeDurablySync(path: string, content: Uint8Array | string): void {
  const target = attempt(() => realpathSync(path)) ?? path;
  const mode = modeOf(
    path,
    attempt(() => statSync(target)),
  );
  const temporary = temporaryFor(target);
  try {
    writeFileSync(temporary, content, { flag: "wx", mode });
    flushSync(temporary, "r+");
    renameSync(temporary, target);
    if (namesAreFlushed) flushSync(dirname(target), "r");
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function flushSync(path: string, flags: "r" | "r+"): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Windows cannot open folders, and flushes names by itself. */
const namesAreFlushed = process.platform !== "win32";

/** The permissions of the file that is replaced: what only its owner may read stays so. */
function modeOf(path: string, found: { isFile(): boolean; readonly mode: number } | null): number {
  if (found === null) return 0o666; // less the process's umask
  if (found.isFile()) return found.mode & 0o777;
  throw new TypeError(
    `writeDurably: ${path} is no regular file — it would be replaced by one; give another path`,
  );
}

/** Null if it fails. */
function attempt<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
