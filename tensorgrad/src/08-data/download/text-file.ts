import { FormatError } from "../../00-runtime/index.ts";
import { type FindOptions, findFile, type Source, type SourceFile } from "./source.ts";
import { checkContent, readUnpacked } from "./unpack.ts";

export interface TextFileOptions extends FindOptions {
  /** Whether the text must have the published SHA-256; `false` admits another one under the same file name. */
  readonly verify?: boolean;
}

/** A file that is published as it is, in no archive. */
export const unpackedFile = (name: string, bytes: number, sha256: string): SourceFile => ({
  name,
  sha256,
  packed: { name, bytes, sha256 },
});

/**
 * The text of a data set that is one file: found, or downloaded.
 *
 * Throws  FormatError if the file is damaged, or no text; DataNotFoundError if there is none and no network
 */
export async function readText(
  source: Source,
  file: SourceFile,
  { verify = true, ...options }: TextFileOptions,
): Promise<string> {
  const content = await readUnpacked(source.title, await findFile(source, file, options));
  if (verify) checkContent(source.title, content, file);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content.bytes);
  } catch {
    throw new FormatError(`${source.title}: ${content.file} is no text in UTF-8 — replace it`);
  }
}
