import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import envPaths from "env-paths";
import { DataNotFoundError } from "./dataset.ts";
import { download, type Packed, type Progress } from "./download.ts";

/** A data set as it is published: where its files are kept, and what they are called. */
export interface Source {
  /** What errors call it. */
  readonly title: string;
  /** Name of its folder in `TENSORGRAD_DATA` and in the cache. */
  readonly folder: string;
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
  readonly packed: Packed;
}

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
  readonly onDownload?: ((progress: Progress) => void) | undefined;
}

const TIMEOUT = 10_000;

/**
 * The path of a file: in the user's data folder, else in the cache, else downloaded into the cache.
 *
 * Throws  DataNotFoundError saying where it looked, why each mirror failed, and what to do
 */
export async function findFile(source: Source, file: SourceFile, options: FindOptions = {}): Promise<string> {
  const data = options.data ?? process.env.TENSORGRAD_DATA;
  const cache = join(options.cache ?? envPaths("tensorgrad", { suffix: "" }).cache, source.folder);
  const folders = [...(data ? [join(data, source.folder), data] : []), cache];
  for (const folder of folders) {
    for (const name of [file.name, `${file.name}.gz`]) {
      const path = join(folder, name);
      if (await exists(path)) return path;
    }
  }
  const looked = data ? `${data} (TENSORGRAD_DATA), ${cache}` : `${cache}; TENSORGRAD_DATA is not set`;
  if (options.download === false) throw notFound(source, file, `looked in ${looked}`);
  const failures: string[] = [];
  for (const mirror of options.mirrors ?? source.mirrors) {
    const url = `${mirror.replace(/\/$/, "")}/${file.name}.gz`;
    try {
      return await fetchInto(cache, url, file, options);
    } catch (error) {
      failures.push(`${url}: ${reason(error)}`);
    }
  }
  throw notFound(source, file, `looked in ${looked}; tried ${failures.join(", ") || "no mirror"}`);
}

/** Downloads to a temporary name; only a complete file with the right checksum gets its own. */
async function fetchInto(
  folder: string,
  url: string,
  file: SourceFile,
  options: FindOptions,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${file.name}.gz`);
  const partial = `${path}.${randomBytes(6).toString("hex")}.part`;
  try {
    await download(url, partial, file.packed, {
      timeout: options.timeout ?? TIMEOUT,
      onProgress: options.onDownload ?? (() => {}),
    });
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  return path;
}

function notFound(source: Source, file: SourceFile, where: string): DataNotFoundError {
  return new DataNotFoundError(
    `${source.title}: ${file.name} is nowhere to be found (${where}) — set TENSORGRAD_DATA to a folder that holds ` +
      `${source.folder}/${file.name}.gz, or use ${source.substitute}`,
  );
}

/** `fetch failed` says nothing; its cause (no such host, connection refused) does. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
