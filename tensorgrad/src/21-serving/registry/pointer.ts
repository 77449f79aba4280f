import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { FormatError } from "../../00-runtime/index.ts";
import { temporaryFor, writeDurably } from "../../00-runtime/node.ts";
import { readJson } from "./version.ts";

/** Which version is current, since when, and which ones were before, the latest last. */
export interface Pointer {
  readonly format: 1;
  readonly version: string;
  /** ISO 8601. */
  readonly since: string;
  readonly before: readonly { readonly version: string; readonly since: string }[];
}

export const POINTER = "current.json";
/** How far back a rollback can go. */
const REMEMBERED = 1000;

const when = { version: z.string().regex(/^[1-9]\d*$/), since: z.iso.datetime() };
const schema = z.object({ format: z.literal(1), ...when, before: z.array(z.object(when)) });

/**
 * The pointer of a model; null before its first promotion. It is one small file that is replaced whole: whoever is killed
 * while he writes it leaves the old one.
 *
 * Throws    FormatError for a file that is none
 */
export function readPointer(folder: string, call: string): Pointer | null {
  const path = join(folder, POINTER);
  if (!existsSync(path)) return null;
  const { success, data } = schema.safeParse(readJson(path, call));
  if (success) return data;
  throw new FormatError(
    `${call}: ${path} does not say which version is current — expected what a registry wrote; promote a version to write it anew`,
  );
}

/** As `readPointer`; one that is damaged is set aside, so that a promotion can write a new one. */
export function repairedPointer(folder: string, call: string): Pointer | null {
  try {
    return readPointer(folder, call);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const path = join(folder, POINTER);
    renameSync(path, temporaryFor(path).replace(/\.tmp$/, ".damaged"));
    return null;
  }
}

export const writePointer = (folder: string, { version, since, before }: Omit<Pointer, "format">) =>
  writeDurably(
    join(folder, POINTER),
    `${JSON.stringify({ format: 1, version, since, before: before.slice(-REMEMBERED) }, null, 2)}\n`,
  );
