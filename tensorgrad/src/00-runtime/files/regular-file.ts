import { statSync } from "node:fs";
import { expectArgument } from "../checked.ts";
import { FormatError, showBytes } from "../errors.ts";

/** What a file is to be: its kind, its size. */
export interface Expected {
  /** What the message says was expected: "a safetensors file". */
  readonly what: string;
  /** The largest that is read, in bytes. */
  readonly most?: number;
}

/**
 * To be asked before a file from outside is read: nobody waits for a pipe that no one writes to, or fills the memory.
 *
 * Throws    FormatError, with `call` first, for what is no regular file or too large; the system's error if it may not
 *           be looked at
 */
export function checkRegularFile(path: string, call: string, { what, most = Infinity }: Expected): void {
  const isPath = typeof path === "string" || (path as unknown) instanceof URL;
  expectArgument(isPath, call.replace(/\(.*/, ""), "path", path, "a path");
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() && found.size <= most) return;
  const problem = found?.isFile()
    ? `${showBytes(found.size)}, at most ${showBytes(most)} are read`
    : found?.isDirectory()
      ? "this is a folder"
      : found
        ? "this is a pipe or a device, no regular file"
        : "there is no such file";
  throw new FormatError(`${call}: ${problem} — expected ${what}`);
}
