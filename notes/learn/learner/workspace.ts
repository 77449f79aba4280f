import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  type Catalogue,
  codeOf,
  cutFrom,
  type Entry,
  isCode,
  startFile,
  startOf,
} from "../engine/catalogue.ts";
import { essence, findRegion, withCode } from "../engine/regions.ts";

/** What cannot be done in a workspace, and what to do about it. */
export class WorkspaceError extends Error {
  override readonly name = "WorkspaceError";
}

const unix = (text: string): string => text.replaceAll("\r\n", "\n");

/**
 * The learner's folder. It mirrors the paths of the sources. `.learn/` in it holds the progress, each file as it was given (`base/`),
 * and copies of what was replaced (`backup/`).
 */
export class Workspace {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  read(file: string): string | null {
    return existsSync(this.path(file)) ? readFileSync(this.path(file), "utf8") : null;
  }

  /**
   * Writes a file as a whole or not at all.
   *
   * Throws    WorkspaceError where writing is not allowed
   */
  write(file: string, text: string): void {
    const path = this.path(file);
    try {
      mkdirSync(dirname(path), { recursive: true });
      const draft = `${path}.${process.pid}.draft`;
      writeFileSync(draft, text);
      renameSync(draft, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new WorkspaceError(
        `${this.folder}: ${file} cannot be written (${code}) — the exercises need a folder that you may write to; change its owner, or set LEARN_WORKSPACE to another folder`,
      );
    }
  }

  /** Keeps a copy of a file, and says where. */
  backup(file: string): string {
    const stamp = new Date().toISOString().replaceAll(":", "-").slice(0, 19);
    let copy = `.learn/backup/${stamp}/${file}`;
    for (let i = 2; existsSync(this.path(copy)); i++) copy = `.learn/backup/${stamp}-${i}/${file}`;
    this.write(copy, readFileSync(this.path(file), "utf8"));
    return copy;
  }

  /**
   * Sees to it that the file of an exercise is there and goes with the present sources. What it did, as sentences; none if there
   * was nothing to do. A learner's text is never overwritten.
   */
  ensure(catalogue: Catalogue, entry: Entry): string[] {
    const { file } = entry;
    const fresh = startFile(catalogue, entry);
    const base = this.read(`.learn/base/${file}`);
    const own = this.read(file);
    if (own === null) return this.#missing(entry, fresh, base !== null);
    if (base !== null && unix(base) === fresh) return [];
    if (unix(own) === fresh || unix(own) === base) {
      this.#give(file, fresh);
      return base === null
        ? []
        : [`${file}: the exercise changed; nobody had written in the file, so it is the new one`];
    }
    const merged = base === null ? null : this.#merged(catalogue, entry, own, base, fresh);
    if (merged === null) return this.#apart(file, fresh);
    const copy = this.backup(file);
    this.#give(file, fresh, merged);
    return [`${file}: the exercise changed; your parts are in the new file, and the old one in ${copy}`];
  }

  #give(file: string, fresh: string, text = fresh): void {
    this.write(`.learn/base/${file}`, fresh);
    this.write(file, text);
  }

  #missing({ exercise, file }: Entry, fresh: string, wasThere: boolean): string[] {
    const elsewhere = wasThere && isCode(exercise) ? this.#moved(file, exercise.id) : null;
    if (elsewhere)
      throw new WorkspaceError(
        `${file} is not in the workspace, but ${elsewhere} looks like it — move it back: files are found by the paths of the sources`,
      );
    this.#give(file, fresh);
    return wasThere ? [`${file} was missing, and has been made anew`] : [];
  }

  /** A file of the same name that holds the exercise, somewhere else. */
  #moved(file: string, id: string): string | null {
    const found = readdirSync(this.folder, { encoding: "utf8", recursive: true })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => basename(path) === basename(file) && !path.startsWith(".learn"));
    return found.find((path) => this.read(path)?.includes(`// exercise: ${id}`)) ?? null;
  }

  /** Base, learner's and new text in one, or null where they contradict each other. */
  #merged(
    catalogue: Catalogue,
    { exercise, file }: Entry,
    own: string,
    base: string,
    fresh: string,
  ): string | null {
    if (isCode(exercise)) {
      const theirs = partsOf(catalogue, exercise.source, unix(own));
      const given = partsOf(catalogue, exercise.source, unix(base));
      if (theirs.rest === given.rest)
        return withParts(catalogue, exercise.source, fresh, theirs.parts, given.parts);
    }
    return this.#threeWay(file, base, fresh);
  }

  #threeWay(file: string, base: string, fresh: string): string | null {
    this.write(".learn/merge/base", base);
    this.write(".learn/merge/new", fresh);
    const paths = [file, ".learn/merge/base", ".learn/merge/new"].map((path) => this.path(path));
    try {
      return execFileSync("git", ["merge-file", "-p", ...paths], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    } catch {
      return null; // conflicts, or no git
    }
  }

  #apart(file: string, fresh: string): string[] {
    const beside = `${file}.new`;
    if (this.read(beside) === fresh) return [];
    this.write(beside, fresh);
    return [`${file}: the exercise changed where you did; yours is as it was, and the new one is ${beside}`];
  }

  /** Gives a file as it was at the start, and keeps the old one; where. */
  reset(catalogue: Catalogue, entry: Entry): string | null {
    const copy = this.read(entry.file) === null ? null : this.backup(entry.file);
    this.#give(entry.file, startFile(catalogue, entry), this.#resetText(catalogue, entry));
    return copy;
  }

  /** Other exercises of the same file keep what was written. */
  #resetText(catalogue: Catalogue, entry: Entry): string {
    const own = this.read(entry.file);
    const region = own === null || !isCode(entry.exercise) ? null : findRegion(unix(own), entry.exercise.id);
    if (!region || !isCode(entry.exercise)) return startFile(catalogue, entry);
    return withCode(unix(own!), region, startOf(catalogue, entry.exercise));
  }
}

interface Parts {
  /** The code of each exercise. */
  readonly parts: ReadonlyMap<string, string>;
  /** The file without it. */
  readonly rest: string;
}

function partsOf(catalogue: Catalogue, source: string, text: string): Parts {
  const parts = new Map<string, string>();
  let rest = text;
  for (const { id } of cutFrom(catalogue, source)) {
    const region = findRegion(rest, id);
    if (!region) continue;
    parts.set(id, codeOf(rest, region));
    rest = withCode(rest, region, "…");
  }
  return { parts, rest };
}

/** The new file with the learner's code in each region that was written. */
function withParts(
  catalogue: Catalogue,
  source: string,
  fresh: string,
  own: ReadonlyMap<string, string>,
  given: ReadonlyMap<string, string>,
): string | null {
  let text = fresh;
  for (const { id } of cutFrom(catalogue, source)) {
    const code = own.get(id);
    const region = findRegion(text, id);
    if (code === undefined || essence(code) === essence(given.get(id) ?? "")) continue;
    if (!region) return null;
    text = withCode(text, region, code);
  }
  // An exercise that is no longer there: what was written for it would be lost.
  const isLost = [...own].some(
    ([id, code]) => !findRegion(fresh, id) && essence(code) !== essence(given.get(id) ?? ""),
  );
  return isLost ? null : text;
}
