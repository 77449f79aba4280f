import { unzipSync } from "fflate";
import { FormatError, showBytes } from "../../00-runtime/index.ts";

/** What is in a file may be this many times as large as the file: numbers do not shrink more, and bombs do. */
const MOST_TIMES = 20;
/** Bytes that the directory at the end spends on a file, at least: a damaged one may claim to list thousands of millions. */
const ENTRY = 46;

/**
 * The files in a zip archive, by their names.
 *
 * Throws  FormatError for what is no archive, or claims to hold far more than it has bytes
 */
export function unzip(bytes: Uint8Array, call: string): Readonly<Record<string, Uint8Array>> {
  let [total, entries] = [0, 0];
  try {
    return unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        total += originalSize;
        if (++entries * ENTRY > bytes.length)
          throw new FormatError(
            `${call}: its directory lists more files than it has room for — the file is damaged`,
          );
        if (total <= MOST_TIMES * bytes.length) return true;
        throw new FormatError(
          `${call}: ${name} and those before it take ${showBytes(total)}, the file has ${showBytes(bytes.length)} — ` +
            `at most ${MOST_TIMES} times as much is unpacked`,
        );
      },
    });
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(`${call}: no zip archive, or a damaged one (${(error as Error).message})`);
  }
}
