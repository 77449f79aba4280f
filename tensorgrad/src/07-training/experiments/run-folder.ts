import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { expectPath, FormatError, parseJson } from "../../00-runtime/index.ts";
import { checkRegularFile, isAlive, writeDurablySync } from "../../00-runtime/node.ts";
import type { Json } from "../callbacks/callback.ts";
import { YamlFile } from "../config/yaml-file.ts";

/** What `run.json` says: who, when, and how to do it again. */
export interface RunRecord {
  readonly format: 1;
  readonly id: string;
  readonly name: string;
  readonly seed: number;
  /** How many experiments of this name the program had begun before. */
  readonly ordinal: number;
  /** ISO 8601. */
  readonly started: string;
  readonly ended: string | null;
  readonly status: "running" | "finished" | "stopped" | "failed";
  /** Why it was stopped, or the error. */
  readonly reason: string | null;
  readonly epochs: number;
  readonly steps: number;
  readonly command: Command;
  readonly process: { readonly id: number; readonly host: string };
}

/** How the program was started: arguments for Node, then the program and its own. */
export interface Command {
  readonly node: readonly string[];
  readonly program: readonly string[];
  readonly folder: string;
}

/** What a run, and so its folder, may be called. */
export const FILE_NAME = /^[\w-][\w.-]*$/;

const schema = z.object({
  format: z.literal(1),
  id: z.string().regex(FILE_NAME),
  name: z.string().regex(FILE_NAME),
  seed: z.int().nonnegative(),
  ordinal: z.int().nonnegative(),
  started: z.iso.datetime(),
  ended: z.iso.datetime().nullable(),
  status: z.enum(["running", "finished", "stopped", "failed"]),
  reason: z.string().nullable(),
  epochs: z.int().nonnegative(),
  steps: z.int().nonnegative(),
  command: z.object({ node: z.array(z.string()), program: z.array(z.string()), folder: z.string() }),
  process: z.object({ id: z.int(), host: z.string() }),
});

/** The names of the files of a run. */
export const files = {
  record: "run.json",
  config: "config.yaml",
  metrics: "metrics.jsonl",
  environment: "environment.json",
  owner: "run.owner.json",
  plots: "plots",
} as const;

/** Makes the next folder `<name>-001`, `<name>-002`, …; two processes never get the same one. */
export function makeFolder(root: string, name: string): string {
  mkdirSync(root, { recursive: true });
  const taken = readdirSync(root).flatMap((entry) => {
    const digits = entry.startsWith(`${name}-`) ? /^\d+$/.exec(entry.slice(name.length + 1)) : null;
    return digits ? [Number(digits[0])] : [];
  });
  for (let number = taken.reduce((a, b) => Math.max(a, b), 0) + 1; ; number++) {
    const id = `${name}-${String(number).padStart(3, "0")}`;
    try {
      mkdirSync(join(root, id)); // fails if somebody was faster
      return id;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

export const writeRecord = (folder: string, record: RunRecord): void =>
  writeDurablySync(join(folder, files.record), `${JSON.stringify(record, null, 2)}\n`);

/** Throws  FormatError for a record that is none, or of a newer version */
function readRecord(folder: string): RunRecord {
  const path = join(folder, files.record);
  const { success, data, error } = schema.safeParse(readJson(path));
  if (success) return data;
  const [{ path: at, message }] = error.issues;
  throw new FormatError(
    `${path}: ${at.join(".") || "the file"}: ${message} — expected what an Experiment wrote`,
  );
}

/** Far more than an Experiment writes. */
const LARGEST = 2 ** 20;

/** Throws  FormatError for a file of a run that is no JSON, or too large, or nested without end */
export function readJson(path: string): unknown {
  checkRegularFile(path, path, { what: "what an Experiment wrote; the run is damaged", most: LARGEST });
  try {
    return parseJson(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new FormatError(`${path}: no JSON — expected what an Experiment wrote; the run is damaged`, {
      cause,
    });
  }
}

/** The configuration of a run, as plain data. */
const readConfig = (folder: string): Json => {
  const path = join(folder, files.config);
  return YamlFile.read(path, path).value as Json;
};

/**
 * What a run was to do: enough to go on with it, or to repeat it.
 *
 * Throws  RangeError where there is no such run; FormatError where one of its files is damaged
 */
export function readPlan(folder: string): { readonly record: RunRecord; readonly config: Json } {
  if (!existsSync(folder)) {
    const ids = runFolders(dirname(folder)).map((path) => basename(path));
    throw new RangeError(
      `Experiment: no run ${basename(folder)} in ${dirname(folder)} — there are ${ids.join(", ") || "none"}`,
    );
  }
  return { record: readRecord(folder), config: readConfig(folder) };
}

/** The folders of all runs, the oldest first. */
export function runFolders(root: string): string[] {
  expectPath("listRuns", root);
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) return [];
  const names = readdirSync(root).filter((name) => existsSync(join(root, name, files.record)));
  return names.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).map((name) => join(root, name));
}

/** A run that says it is running while its process is gone was killed. */
export function statusOf({ status, process: { id, host } }: RunRecord): RunRecord["status"] | "killed" {
  if (status !== "running" || host !== hostname()) return status;
  return isAlive(id) ? status : "killed";
}
