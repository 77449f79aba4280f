import { createHash, randomBytes } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

const digest = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

/**
 * Who writes a temporary file: machine, process, and this thread's copy of the library. The last is random: a process
 * may get the number of one that died, and threads share theirs.
 */
const host = digest(hostname());
/** The part of temporary names that tells this process from all others: host, process number, random digits. */
export const writer = `${host}-${process.pid}-${randomBytes(6).toString("hex")}`;

/** `<name>.<writer>-<count>.tmp`, or `.part` for the beginning of a download. */
const form = /\.([0-9a-f]{8})-(\d+)-[0-9a-f]{12}(?:-\d+)?\.(?:tmp|part)(?:\.json)?$/;

let count = 0;

/** A name in the same folder that nobody else uses. Long names are cut: systems allow 255 bytes. */
export const temporaryFor = (path: string): string =>
  join(dirname(path), `${basename(path).slice(0, 40)}.${writer}-${count++}.tmp`);

/** When this process began, in milliseconds; two seconds earlier, as some file systems count in those. */
const began = Date.now() - 1000 * process.uptime() - 2000;
const DAY = 24 * 60 * 60 * 1000;

/**
 * Whether the writer of a temporary file is gone. A process of this number on this machine wrote it if it still runs,
 * except where the file is older than that process. Nobody can ask another machine: its files are left alone for a day.
 */
export async function isAbandoned(path: string): Promise<boolean> {
  const [, machine, pid] = form.exec(path) ?? [];
  if (pid === undefined || path.includes(writer)) return false;
  if (machine === host && Number(pid) !== process.pid) return !isAlive(Number(pid));
  const written = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Number.POSITIVE_INFINITY, // somebody else took it
  );
  return written < (machine === host ? began : Date.now() - DAY);
}

/** Removes what writers left that were killed before they could rename; files of living writers stay. */
export async function sweep(folder: string): Promise<string[]> {
  const left: string[] = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".tmp") || !(await isAbandoned(join(folder, name)))) continue;
    await rm(join(folder, name), { recursive: true, force: true });
    left.push(name);
  }
  return left;
}

/** Whether a process of this number runs; one of another user does (EPERM). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
