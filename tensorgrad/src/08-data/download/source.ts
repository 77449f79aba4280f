import { once as event } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import envPaths from "env-paths";
import { FormatError, showBytes } from "../../00-runtime/index.ts";
import { giveName, sweep, temporaryFor } from "../../00-runtime/node.ts";
import { DataNotFoundError } from "../dataset.ts";
import { bounded } from "./bounded.ts";
import { type DownloadProgress, download, type Packed } from "./download.ts";
import { isFresh, noteOrigin } from "./origin.ts";
import { PartialFile, StorageError, storageError } from "./partial.ts";
import { isStorageProblem, reasonOf } from "./reason.ts";

/** A data set as it is published: where its files are kept, and what they are called. */
export interface Source {
  /** What errors call it. */
  readonly title: string;
  /** Names of its folder in `TENSORGRAD_DATA`; the first one is that in the cache, too. */
  readonly folders: readonly [string, ...string[]];
  /** Folders that serve the packed files, the best one first. */
  readonly mirrors: readonly string[];
  /** What to use where there is neither file nor network. */
  readonly substitute: string;
}

/** One file of a data set: it may lie there unpacked, under its name, or packed, with `.gz`. */
export interface SourceFile {
  readonly name: string;
  /** SHA-256 of the unpacked content, in hexadecimal. */
  readonly sha256: string;
  /** What mirrors serve: the file, packed or not, or a `.tar.gz` archive that holds it. */
  readonly packed: Packed;
}

/** Where the files of a data set are looked for, and whether they may be downloaded. */
export interface FindOptions {
  /** The user's data folder (default: the environment variable `TENSORGRAD_DATA`). */
  readonly data?: string | undefined;
  /** Where downloads are kept (default: the operating system's cache folder). */
  readonly cache?: string | undefined;
  /** Whether to download what is missing. */
  readonly download?: boolean | undefined;
  /** Instead of the source's own mirrors. */
  readonly mirrors?: readonly string[] | undefined;
  /** How long a mirror may stay silent, in milliseconds. */
  readonly timeout?: number | undefined;
  readonly onDownload?: ((progress: DownloadProgress) => void) | undefined;
}

/** Names of these options. */
export const FIND_OPTIONS = ["data", "cache", "download", "mirrors", "timeout", "onDownload"] as const;

const TIMEOUT = 10_000;

const isArchive = ({ name }: Packed): boolean => name.endsWith(".tar.gz");

/** Where downloads of a source are kept. */
export const cacheOf = ({ folders }: Source, { cache }: FindOptions): string =>
  join(cache ?? envPaths("tensorgrad", { suffix: "" }).cache, folders[0]);

/**
 * The path of a file: in the user's data folder, else in the cache, else downloaded into the cache.
 *
 * Throws  DataNotFoundError saying where it looked, why each mirror failed, and what to do
 */
export async function findFile(source: Source, file: SourceFile, options: FindOptions = {}): Promise<string> {
  const data = options.data ?? process.env.TENSORGRAD_DATA;
  const cache = cacheOf(source, options);
  // The user's own come first, an archive as well: what the cache holds may be older.
  for (const folders of [data ? [...source.folders.map((name) => join(data, name)), data] : [], [cache]]) {
    const found = await firstOf(source, folders, [file.name, `${file.name}.gz`]);
    if (found !== null) return found;
    const archive = isArchive(file.packed) ? await firstOf(source, folders, [file.packed.name]) : null;
    if (archive !== null) return unpackArchive(source, archive, cache, file);
  }
  const looked = data ? `${data} (TENSORGRAD_DATA), ${cache}` : `${cache}; TENSORGRAD_DATA is not set`;
  if (options.download === false) throw notFound(source, file, `looked in ${looked}`);
  const result = await once(join(cache, file.packed.name), () => fetchInto(cache, source, file, options));
  if (typeof result !== "string") {
    throw notFound(source, file, `looked in ${looked}; tried ${result.join(", ") || "no mirror"}`);
  }
  return isArchive(file.packed) ? unpackArchive(source, result, cache, file) : result;
}

/** The path of the downloaded file, or why each mirror failed. What one mirror began, the next one continues. */
async function fetchInto(
  folder: string,
  source: Source,
  { packed }: SourceFile,
  { mirrors = source.mirrors, timeout = TIMEOUT, onDownload = () => {} }: FindOptions,
): Promise<string | string[]> {
  const target = join(folder, packed.name);
  const failures: string[] = [];
  try {
    await mkdir(folder, { recursive: true }).catch((error) => {
      throw storageError(folder, error);
    });
    await sweep(folder);
    const partial = await PartialFile.claim(target);
    for (const mirror of mirrors) {
      const url = `${mirror.replace(/\/$/, "")}/${packed.name}`;
      try {
        await download(url, partial, packed, { timeout, onProgress: onDownload });
        await partial.finish(target);
        return target;
      } catch (error) {
        if (error instanceof StorageError) throw error;
        failures.push(`${url}: ${reasonOf(error)}`);
      }
    }
    return failures;
  } catch (error) {
    throw storageFailure(source, packed, error);
  }
}

/** Unpacks an archive's files into the cache, all of them at once: the others will be asked for next. */
async function unpackArchive(
  source: Source,
  archive: string,
  cache: string,
  file: SourceFile,
): Promise<string> {
  const path = join(cache, file.name);
  if (await isFresh(path, archive)) return path;
  await once(`${archive} → ${cache}`, async () => {
    const mine = dirname(archive) === cache; // downloaded only to be unpacked
    const temporary = temporaryFor(join(cache, basename(archive)));
    try {
      await mkdir(temporary, { recursive: true });
      for (const name of await extractFiles(archive, temporary)) {
        await giveName(join(temporary, name), join(cache, name));
        if (!mine) await noteOrigin(join(cache, name), archive);
      }
      await stat(path);
      if (mine) await rm(archive);
    } catch (error) {
      if (isStorageProblem(error)) throw storageFailure(source, file.packed, error);
      throw new FormatError(
        `${source.title}: ${archive} does not unpack (${reasonOf(error)}) — expected an intact archive; replace it, or ` +
          "delete it to have it downloaded again",
      );
    } finally {
      await rm(temporary, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }); // files may still be open
    }
  });
  return path;
}

/** The files of an archive's one folder, extracted into `folder`; their names. */
async function extractFiles(archive: string, folder: string): Promise<string[]> {
  const { extract } = await import("tar");
  const names: string[] = [];
  const unpacking = extract({
    cwd: folder,
    strip: 1,
    strict: true,
    filter: (path, entry) => {
      const wanted = "type" in entry && entry.type === "File" && /^[^/]+\/[^/]+$/.test(path);
      if (wanted) names.push(basename(path));
      return wanted;
    },
  });
  await Promise.all([
    event(unpacking, "close"),
    pipeline(createReadStream(archive), createGunzip(), bounded(), unpacking),
  ]);
  return names;
}

/** Runs of one job at a time: who asks for the same meanwhile gets the same result. */
const running = new Map<string, Promise<unknown>>();

function once<T>(key: string, job: () => Promise<T>): Promise<T> {
  const current = running.get(key) as Promise<T> | undefined;
  if (current) return current;
  const started = job().finally(() => running.delete(key));
  running.set(key, started);
  return started;
}

function notFound(source: Source, file: SourceFile, where: string): DataNotFoundError {
  const name = isArchive(file.packed) || file.packed.name === file.name ? file.name : file.packed.name;
  return new DataNotFoundError(
    `${source.title}: ${file.name} is nowhere to be found (${where}) — set TENSORGRAD_DATA to a folder that holds ` +
      `${source.folders[0]}/${name}, or use ${source.substitute}`,
  );
}

function storageFailure({ title }: Source, packed: Packed, error: unknown): Error {
  return new StorageError(
    `${title}: ${error instanceof Error ? error.message : String(error)} — ${packed.name} takes ${showBytes(packed.bytes)}; ` +
      "free some space or pass { cache } with a folder that can be written to. What has arrived is kept aside and continued",
    { cause: error },
  );
}

/** The first path that exists. Throws  StorageError for one that exists but may not be looked at */
async function firstOf(
  { title }: Source,
  folders: readonly string[],
  names: readonly string[],
): Promise<string | null> {
  for (const folder of folders) {
    for (const name of names) {
      const path = join(folder, name);
      try {
        await stat(path);
        return path;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") continue;
        throw new StorageError(
          `${title}: cannot read ${path} (${reasonOf(error)}) — make it readable, or set { data }`,
        );
      }
    }
  }
  return null;
}
