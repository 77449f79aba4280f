import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { expectArgument, FormatError } from "../../00-runtime/index.ts";
import { directionOf, gain } from "../../06-optimizers/index.ts";
import type { Json } from "../callbacks/callback.ts";
import { type Log, type Numbers, readLines } from "./metrics-log.ts";
import { files, type RunRecord, readJson, readPlan, runFolders, statusOf } from "./run-folder.ts";

/** The best value of one number of the epochs, and where it was. */
export interface BestValue {
  readonly name: string;
  readonly value: number;
  readonly epoch: number;
}

/** A run in one row of a list. */
export interface RunSummary {
  readonly id: string;
  readonly started: string;
  readonly status: ReturnType<typeof statusOf>;
  readonly reason: string | null;
  readonly seed: number;
  readonly epochs: number;
  readonly steps: number;
  readonly best: readonly BestValue[];
  /** What was wrong with the run's files but did not matter. */
  readonly note: string | null;
}

/** A run's folder that cannot be read. */
export interface Unreadable {
  readonly id: string;
  readonly error: string;
}

/** A run, read. */
export interface Run {
  readonly folder: string;
  readonly record: RunRecord;
  readonly config: Json;
  readonly environment: Readonly<Record<string, Json>>;
  readonly log: Log;
}

/**
 * All runs in a folder, the oldest first; damaged ones with their error.
 *
 * Throws    RangeError where there are none
 */
export function listRuns(root: string): (RunSummary | Unreadable)[] {
  return folders(root).map((folder) => {
    try {
      return summarizeRun(readRun(folder));
    } catch (error) {
      // Whatever is wrong with one run, the others are listed.
      return { id: basename(folder), error: error instanceof Error ? error.message : String(error) };
    }
  });
}

function folders(root: string): string[] {
  const found = runFolders(root);
  if (found.length > 0) return found;
  const what = existsSync(root) ? "has no runs" : "does not exist";
  throw new RangeError(
    `runs: ${resolve(root)} ${what} — a training with an Experiment among its callbacks makes them; name another folder with --folder`,
  );
}

/** Throws  RangeError for an id that no run has, or more than one begin with; it lists those there are */
export function findRun(root: string, id: string): Run {
  const all = folders(root);
  const ids = all.map((folder) => basename(folder));
  const exact = all.filter((folder) => basename(folder) === id);
  const matches = exact.length ? exact : all.filter((folder) => basename(folder).startsWith(id));
  if (matches.length === 1) return readRun(matches[0]);
  const shown =
    ids.length > 12 ? `${ids.slice(-12).join(", ")} and ${ids.length - 12} older ones` : ids.join(", ");
  const given = matches.length ? `${matches.length} ids begin with ${id}` : `no run ${id}`;
  const remedy = matches.length ? "give more of the id" : `did you mean ${closest(id, ids)}?`;
  throw new RangeError(`runs: ${given} — there are ${shown}; ${remedy}`);
}

/** Throws  FormatError where one of its files is damaged */
export function readRun(folder: string): Run {
  const environment = readEnvironment(join(folder, files.environment));
  return { folder, ...readPlan(folder), environment, log: readLines(join(folder, files.metrics)) };
}

const environmentSchema = z.looseObject({
  variables: z.record(z.string(), z.string()).optional(),
  git: z.looseObject({ commit: z.string() }).nullish(),
});

function readEnvironment(path: string): Run["environment"] {
  const { success, data, error } = environmentSchema.safeParse(readJson(path));
  if (success) return data as Run["environment"];
  const [{ path: at, message }] = error.issues;
  throw new FormatError(
    `${path}: ${at.join(".") || "the file"}: ${message} — expected what an Experiment wrote; the run is damaged`,
  );
}

/** A run in one row: when it began, how it ended, its best numbers. */
export function summarizeRun(run: Run): RunSummary {
  expectRun("summarizeRun", run);
  const { record, log } = run;
  const { id, started, reason, seed } = record;
  const epochs = log.lines.filter((line) => line.kind === "epoch");
  return {
    id,
    started,
    status: statusOf(record),
    reason,
    seed,
    epochs: epochs.at(-1)?.epoch ?? 0,
    steps: log.lines.at(-1)?.step ?? 0,
    best: bestOf(epochs),
    note: log.note,
  };
}

/** Of every number its best: the least of a loss, the greatest of an accuracy. */
function bestOf(epochs: readonly { readonly epoch: number; readonly metrics: Numbers }[]): BestValue[] {
  const names = [...new Set(epochs.flatMap(({ metrics }) => Object.keys(metrics)))];
  return names.flatMap((name) => {
    const direction = directionOf(name);
    const values = epochs
      .map(({ epoch, metrics }) => ({ name, value: metrics[name], epoch }))
      .filter(({ value }) => Number.isFinite(value));
    return values.length ? [values.reduce((a, b) => (gain(direction, b.value, a.value) > 0 ? b : a))] : [];
  });
}

/** Rows of values, one for each run; undefined where a run has none. */
export interface Comparison {
  readonly ids: readonly string[];
  readonly config: Readonly<Record<string, readonly (Json | undefined)[]>>;
  readonly environment: Readonly<Record<string, readonly (Json | undefined)[]>>;
  readonly best: Readonly<Record<string, readonly (number | undefined)[]>>;
  readonly last: Readonly<Record<string, readonly (number | undefined)[]>>;
  readonly notes: readonly string[];
}

/** What differs between runs, and what they came to side by side. */
export function compareRuns(runs: readonly Run[]): Comparison {
  expectArgument(
    Array.isArray(runs),
    "compareRuns",
    "runs",
    runs,
    "a list of runs, such as listRuns(folder) gives",
  );
  const summaries = runs.map(summarizeRun);
  const last = runs.map(({ log }) => log.lines.findLast((line) => line.kind === "epoch")?.metrics ?? {});
  const best = summaries.map((run) => Object.fromEntries(run.best.map(({ name, value }) => [name, value])));
  return {
    ids: summaries.map(({ id }) => id),
    config: differing(runs.map(({ config, record: { seed } }) => ({ ...flat(config), seed }))),
    environment: differing(runs.map(({ environment }) => flat(environment))),
    best: table(best),
    last: table(last),
    notes: summaries.flatMap(({ note }) => note ?? []),
  };
}

/** `{ a: { b: 1 } }` → `{ "a.b": 1 }`; lists stay whole. */
export function flat(value: Json, prefix = ""): Record<string, Json> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { [prefix || "value"]: value };
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, below]) =>
      Object.entries(flat(below, prefix ? `${prefix}.${key}` : key)),
    ),
  );
}

/** Row by row what each of several objects has at a key. */
function table<T>(columns: readonly Readonly<Record<string, T>>[]): Record<string, (T | undefined)[]> {
  const keys = new Set(columns.flatMap((column) => Object.keys(column)));
  return Object.fromEntries([...keys].map((key) => [key, columns.map((column) => column[key])]));
}

/** Rows in which not all values are equal; a key that is missing differs from any value. */
function differing(columns: readonly Record<string, Json>[]): Record<string, (Json | undefined)[]> {
  const rows = Object.entries(table(columns));
  return Object.fromEntries(
    rows.filter(([, values]) => new Set(values.map((v) => JSON.stringify(v))).size > 1),
  );
}

/** Refuses anything but what `findRun` and `listRuns` give. */
export const expectRun = (call: string, run: Run): void =>
  expectArgument(
    typeof run?.record?.id === "string",
    call,
    "run",
    run,
    "a run, such as findRun(folder, id) gives",
  );
