import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Names in use by this process: whatever else bears its number was left by an earlier one. */
const mine = new Set<string>();
let count = 0;

/**
 * Writes a file so that its name always stands for a whole one, also after a crash or a power cut: under a temporary
 * name in the same folder, flushed to the disk, renamed, and the folder flushed as well, which holds the name.
 *
 * When writing fails (a full disk) the temporary file is removed and an earlier file stays as it was.
 */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${basename(path)}.${process.pid}-${count++}.tmp`;
  const at = join(dirname(path), temporary);
  mine.add(temporary);
  try {
    await writeFlushed(at, bytes);
    await rename(at, path);
    await flushFolder(dirname(path));
  } catch (error) {
    await rm(at, { force: true });
    throw error;
  } finally {
    mine.delete(temporary);
  }
}

async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Windows cannot open folders, and flushes names by itself. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes what writers left that were killed before they could rename; files of living writers stay. */
export async function sweep(folder: string): Promise<string[]> {
  const left = (await readdir(folder)).filter((name) => {
    const writer = /\.(\d+)-\d+\.tmp$/.exec(name);
    return writer !== null && !mine.has(name) && !isOther(Number(writer[1]));
  });
  for (const name of left) await rm(join(folder, name), { force: true });
  return left;
}

/** Whether a process of this number, and not this one, is alive. */
function isOther(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // alive, and somebody else's
  }
}
