import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  type FileHandle,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { giveName, isAbandoned, writer } from "../../00-runtime/node.ts";
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
 * The name tells its writer: of two threads or processes that want the same file each writes its own, and what a dead
 * process left behind goes to the first that claims it.
 */
export class PartialFile {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** What there is already for `target`, if nobody is writing it, else a new beginning. */
  static async claim(target: string): Promise<PartialFile> {
    const own = `${target}.${writer}.part`;
    for (const name of await readdir(dirname(target))) {
      if (!name.startsWith(`${basename(target)}.`) || !name.endsWith(".part")) continue;
      const left = join(dirname(target), name);
      if (!(await isAbandoned(left)) || (await sizeOf(own)) > 0) continue;
      const now = new Date();
      // Another one may be quicker: then this one starts from nothing.
      await utimes(left, now, now).catch(() => {}); // no longer abandoned
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
    await giveName(this.path, target).catch((error) => {
      throw storageError(target, error);
    });
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
