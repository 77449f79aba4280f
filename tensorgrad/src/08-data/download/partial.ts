import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { threadId } from "node:worker_threads";
import { reasonOf } from "./reason.ts";

/** Which version of which file a partial one is the beginning of. */
export interface Version {
  readonly url: string;
  /** Strong ETag, for `If-Range`. */
  readonly etag: string | null;
}

/** A file cannot be written: no matter of mirrors. */
export class StorageError extends Error {
  override name = "StorageError";
}

/**
 * The beginning of a file whose download broke off, kept under a name that nobody takes for data.
 *
 * The name holds the number of the process that writes it: of two processes that want the same file each writes its
 * own, and what a dead process left behind goes to the first that claims it.
 */
export class PartialFile {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** What there is already for `target`, if nobody is writing it, else a new beginning. */
  static async claim(target: string): Promise<PartialFile> {
    const own = `${target}.${process.pid}-${threadId}.part`;
    for (const name of await readdir(dirname(target))) {
      const [, pid] = /\.(\d+)-\d+\.part$/.exec(name) ?? [];
      const abandoned = pid !== undefined && name.startsWith(`${basename(target)}.`) && !isAlive(Number(pid));
      if (!abandoned || (await sizeOf(own)) > 0) continue;
      const left = join(dirname(target), name);
      // Another process may be quicker: then this one starts from nothing.
      await rename(`${left}.json`, `${own}.json`).catch(() => {});
      await rename(left, own).catch(() => {});
    }
    return new PartialFile(own);
  }

  /** Bytes that are there. */
  size(): Promise<number> {
    return sizeOf(this.path);
  }

  async version(): Promise<Version | null> {
    const text = await readFile(`${this.path}.json`, "utf8").catch(() => "null");
    try {
      return JSON.parse(text);
    } catch {
      return null; // cut off by whatever ended that process
    }
  }

  /** The checksum so far. */
  async hash(): Promise<Hash> {
    const hash = createHash("sha256");
    await pipeline(createReadStream(this.path), hash, { end: false });
    return hash;
  }

  /** Opens it to go on writing, or to start over. */
  async open(how: "continue" | "restart", version: Version): Promise<PartialWriter> {
    try {
      await writeFile(`${this.path}.json`, JSON.stringify(version));
      return new PartialWriter(this.path, await open(this.path, how === "continue" ? "a" : "w"));
    } catch (error) {
      throw storageError(this.path, error);
    }
  }

  async discard(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(`${this.path}.json`, { force: true });
  }

  /** It is whole: gives it the name of the data. */
  async finish(target: string): Promise<void> {
    await rename(this.path, target);
    await this.discard();
  }
}

/** Writing to a partial file; errors say that it is the disk. */
class PartialWriter {
  readonly #path: string;
  readonly #file: FileHandle;

  constructor(path: string, file: FileHandle) {
    [this.#path, this.#file] = [path, file];
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#file.appendFile(bytes).catch((error) => {
      throw storageError(this.#path, error);
    });
  }

  /** Flushes to the disk: a name is given only to what survives a power cut. */
  async sync(): Promise<void> {
    await this.#file.sync().catch((error) => {
      throw storageError(this.#path, error);
    });
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

export const storageError = (path: string, error: unknown): StorageError =>
  new StorageError(`cannot write ${path} (${reasonOf(error)})`, { cause: error });

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

/** Whether a process still runs; one of another user (EPERM) does. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
