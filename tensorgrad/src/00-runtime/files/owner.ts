import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { isAlive, temporaryFor } from "./temporary.ts";

/** Who holds something, as its file says. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
  /** When that process began, in milliseconds since 1970: numbers of processes come again. */
  readonly began: number;
  readonly id: string;
}

/** What is held until it is released. */
export interface Claim {
  /** Gives the folder free for the next owner. */
  release(): void;
}

/** When this process began. All of its threads agree on it within a second or two. */
const began = Date.now() - 1000 * process.uptime();
const CLOCK_SKEW = 5000;

/** An owner's file that nobody can read may be one that is being written; after so long it is rubbish. */
const BEING_WRITTEN = 10_000;

/** Of claims of this thread. */
const held = new Set<string>();

/**
 * Makes the caller the only one who holds `path`, a file that names the owner, until the claim is released. What an owner
 * left that was killed is taken over: its process is gone, or its number belongs to a younger one.
 *
 * Throws  RangeError naming process, machine and time of an owner that may be alive; `call` and `rule` say what for
 */
export function claim(path: string, call: string, rule: string): Claim {
  const owner: Owner = {
    ...{ pid: process.pid, host: hostname(), since: new Date().toISOString(), began },
    id: randomBytes(8).toString("hex"),
  };
  while (!create(path, owner)) {
    const other = read(path);
    if (other === "none") continue; // released in the meantime
    if (other === null ? !isOld(path) : isPresent(other)) throw refusal(path, other, call, rule);
    takeAway(path, other);
  }
  held.add(owner.id);
  return {
    release: () => {
      if (!held.delete(owner.id)) return;
      const now = read(path);
      if (now !== "none" && now?.id === owner.id) rmSync(path, { force: true });
    },
  };
}

/** Whether nobody else had the name. A link appears whole; where a disk has no links, the file is made by its name. */
function create(path: string, owner: Owner): boolean {
  const text = `${JSON.stringify(owner)}\n`;
  const temporary = temporaryFor(path);
  try {
    writeFileSync(temporary, text, { flag: "wx" });
    try {
      linkSync(temporary, path);
    } catch (error) {
      if (codeOf(error) === "EEXIST") throw error;
      writeFileSync(path, text, { flag: "wx" });
    }
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Null for a file that is none of an owner; "none" where there is no file. */
function read(path: string): Owner | null | "none" {
  try {
    const { pid, host, since, began, id } = JSON.parse(readFileSync(path, "utf8")) as Partial<Owner>;
    const isOwner = Number.isSafeInteger(pid) && typeof host === "string" && typeof since === "string";
    return isOwner && Number.isFinite(began) && typeof id === "string"
      ? ({ pid, host, since, began, id } as Owner)
      : null;
  } catch (error) {
    return codeOf(error) === "ENOENT" ? "none" : null;
  }
}

/** Nobody can ask another machine. */
function isPresent({ pid, host, began: start, id }: Owner): boolean {
  if (host !== hostname() || held.has(id)) return true;
  if (pid === process.pid) return Math.abs(start - began) < CLOCK_SKEW; // another thread's; else of a predecessor
  const begun = beginOf(pid);
  return isAlive(pid) && (begun === null || begun < start + CLOCK_SKEW);
}

/** When a process of this machine began, in milliseconds since 1970; null where the system does not say (Linux does). */
function beginOf(pid: number): number | null {
  try {
    const boot = Number(/^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]); // of 10 ms, since boot
    return Number.isFinite(boot + ticks) ? 1000 * boot + 10 * ticks : null;
  } catch {
    return null;
  }
}

const isOld = (path: string): boolean =>
  Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > BEING_WRITTEN;

/** Of two who take over at once, the second may hold the first one's fresh file: then it puts it back. */
function takeAway(path: string, stale: Owner | null): void {
  const aside = temporaryFor(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return; // the other one was faster
    throw error;
  }
  const moved = read(aside);
  if (moved !== "none" && moved !== null && moved.id !== stale?.id) linkSync(aside, path);
  rmSync(aside, { force: true });
}

function refusal(path: string, owner: Owner | null, call: string, rule: string): RangeError {
  if (!owner) return new RangeError(`${call}: ${path} names no owner yet — ${rule}`);
  const { pid, host, since } = owner;
  const who =
    pid === process.pid && host === hostname()
      ? `this process (${pid} on ${host})`
      : `process ${pid} on ${host}`;
  const remedy = host === hostname() ? "" : `; if that machine is not at work any more, delete ${path}`;
  return new RangeError(`${call}: in use by ${who} since ${since} — ${rule}${remedy}`);
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
