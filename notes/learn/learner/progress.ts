import { createHash } from "node:crypto";
import { type Catalogue, codeOf, cutFrom, type Entry, isCode } from "../engine/catalogue.ts";
import { essence, findRegion, withCode } from "../engine/regions.ts";
import type { Workspace } from "./workspace.ts";

/** What passed, by the content that passed. */
export interface Passed {
  /** SHA-256 of each part of the workspace that ran: `id` for a region, `rest:file` for what stands around regions. */
  readonly parts: Readonly<Record<string, string>>;
  readonly check: string;
  /** ISO date. */
  readonly at: string;
  readonly assisted: boolean;
}

export interface Progress {
  readonly version: 1;
  readonly passed: Readonly<Record<string, Passed>>;
  /** The highest level of hint that was shown. */
  readonly hints: Readonly<Record<string, number>>;
  /** Exercises whose solution was shown before they passed. */
  readonly shown: readonly string[];
  /** The exercise that the learner chose. */
  readonly current: string | null;
}

const none: Progress = { version: 1, passed: {}, hints: {}, shown: [], current: null };
const file = ".learn/progress.json";

export function readProgress(workspace: Workspace): Progress {
  const text = workspace.read(file);
  if (text === null) return none;
  try {
    return { ...none, ...(JSON.parse(text) as Progress) };
  } catch {
    workspace.backup(file); // damaged: kept, and begun afresh
    return none;
  }
}

/** Reads, changes and writes at once: a watcher and a command may both be at work. */
export function updateProgress(
  workspace: Workspace,
  change: (progress: Progress) => Partial<Progress>,
): Progress {
  const known = readProgress(workspace);
  const next = { ...known, ...change(known) };
  workspace.write(file, `${JSON.stringify(next, null, 1)}\n`);
  return next;
}

const hash = (text: string): string => createHash("sha256").update(essence(text)).digest("hex").slice(0, 32);

/** The parts of the workspace that a run depends on: the regions that ran, and what stands around them. */
export function partsOf(
  catalogue: Catalogue,
  workspace: Workspace,
  entry: Entry,
  ran: readonly string[],
): Record<string, string> {
  const parts: Record<string, string> = {};
  const ids = new Set([...ran, entry.exercise.id]);
  for (const { exercise } of catalogue.entries) {
    if (!ids.has(exercise.id)) continue;
    const file = isCode(exercise) ? exercise.source : entry.file;
    const text = workspace.read(file);
    if (text === null) continue;
    const region = findRegion(text, exercise.id);
    parts[exercise.id] = hash(region ? codeOf(text, region) : text);
    if (region) parts[`rest:${file}`] ??= hash(restOf(catalogue, file, text));
  }
  return parts;
}

function restOf(catalogue: Catalogue, source: string, text: string): string {
  return cutFrom(catalogue, source).reduce((rest, { id }) => {
    const region = findRegion(rest, id);
    return region ? withCode(rest, region, "…") : rest;
  }, text);
}

export type Standing = "passed" | "stale" | "open";

/** Whether an exercise passed with what stands in the workspace now. */
export function standingOf(
  catalogue: Catalogue,
  workspace: Workspace,
  progress: Progress,
  entry: Entry,
  check: string,
): Standing {
  const passed = progress.passed[entry.exercise.id];
  if (!passed) return "open";
  const ids = Object.keys(passed.parts).filter((part) => !part.startsWith("rest:"));
  const now = partsOf(catalogue, workspace, entry, ids);
  const isSame = Object.entries(passed.parts).every(([part, was]) => now[part] === was);
  return isSame && passed.check === check ? "passed" : "stale";
}
