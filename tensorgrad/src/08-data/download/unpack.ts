import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip, gunzipSync } from "node:zlib";
import { FormatError } from "../../00-runtime/index.ts";
import { checkRegularFile, replaceDurably } from "../../00-runtime/node.ts";
import type { NamedBytes } from "../readers/idx.ts";
import { bounded, MOST_UNPACKED } from "./bounded.ts";
import { isFresh, noteOrigin } from "./origin.ts";
import { StorageError } from "./partial.ts";
import { isStorageProblem, reasonOf } from "./reason.ts";
import type { SourceFile } from "./source.ts";

/**
 * A file's content, unpacked if it is packed, whatever its name says.
 *
 * Throws  FormatError for a folder or damaged gzip, StorageError for a file that may not be read
 */
export async function readUnpacked(title: string, path: string): Promise<NamedBytes> {
  await checkFile(title, path);
  const bytes = await readFile(path).catch((error) => {
    throw unreadable(title, path, error);
  });
  if (!isGzip(bytes)) return { file: path, bytes };
  try {
    return { file: path, bytes: gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED }) };
  } catch (error) {
    throw damaged(title, path, bytes.length, error);
  }
}

/** The path of a file's unpacked content: its own, or that of an unpacked copy in `cache`, which is made if need be. */
export async function unpackedPath(title: string, path: string, cache: string): Promise<string> {
  await checkFile(title, path);
  if (!(await beginsLikeGzip(title, path))) return path;
  const target = join(cache, basename(path).replace(/\.gz$/, ""));
  if (target !== path && (await isFresh(target, path))) return target;
  await gunzipInto(title, path, target);
  await noteOrigin(target, path);
  return target;
}

/** Throws  FormatError if the content is not the published one */
export function checkContent(title: string, { file, bytes }: NamedBytes, expected: SourceFile): void {
  compare(title, file, createHash("sha256").update(bytes).digest("hex"), expected);
}

/** As `checkContent`, for a file that is not to be in memory as a whole. */
export async function checkContentOf(title: string, file: string, expected: SourceFile): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  compare(title, file, hash.digest("hex"), expected);
}

function compare(title: string, file: string, found: string, expected: SourceFile): void {
  if (found === expected.sha256) return;
  throw new FormatError(
    `${title}: ${file} has content with SHA-256 ${found.slice(0, 12)}… — expected ${expected.sha256.slice(0, 12)}…; ` +
      "replace it, or pass { verify: false } if it is meant to differ",
  );
}

async function gunzipInto(title: string, path: string, target: string): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    await replaceDurably(target, (temporary) =>
      pipeline(
        createReadStream(path),
        createGunzip(),
        bounded(),
        createWriteStream(temporary, { flags: "wx" }),
      ),
    );
  } catch (error) {
    if (isStorageProblem(error)) throw unwritable(title, target, error);
    throw damaged(title, path, (await stat(path)).size, error);
  }
}

async function checkFile(title: string, path: string): Promise<void> {
  checkRegularFile(path, `${title}: ${path}`, { what: "a file" });
}

async function beginsLikeGzip(title: string, path: string): Promise<boolean> {
  const file = await open(path).catch((error) => {
    throw unreadable(title, path, error);
  });
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return isGzip(buffer);
  } finally {
    await file.close();
  }
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const unreadable = (title: string, path: string, error: unknown): StorageError =>
  new StorageError(`${title}: cannot read ${path} (${reasonOf(error)}) — make it readable, or set { data }`, {
    cause: error,
  });

const unwritable = (title: string, path: string, error: unknown): StorageError =>
  new StorageError(
    `${title}: cannot write ${path} (${reasonOf(error)}) — free some space, or pass { cache } with a folder that can be written to`,
    { cause: error },
  );

const damaged = (title: string, path: string, length: number, error: unknown): FormatError =>
  new FormatError(
    `${title}: ${path} has ${length} bytes that do not unpack (${reasonOf(error)}) — expected an intact gzip file; ` +
      "replace it, or delete it to have it downloaded again",
  );
