import { SourceMap, type SourceMapPayload } from "node:module";
import { posix } from "node:path";
import type { Frame, Probe, Report } from "./wire.ts";

/** A line of a source, from the project's root. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  /** Why not. */
  readonly message: string | null;
  /** Where it was thrown, innermost first: lines of sources only. */
  readonly places: readonly Place[];
}

/** How a run ended: all checks ran, or what was in their way. */
export type Ending = "done" | "load" | "time" | "memory" | "exit" | "await" | "crash";

export interface Outcome {
  readonly ending: Ending;
  readonly checks: readonly CheckResult[];
  /** What was in the way, and where. */
  readonly message: string | null;
  readonly places: readonly Place[];
  readonly answers: Readonly<Record<string, number | string>> | null;
  readonly probes: readonly Probe[] | null;
  /** Marked regions whose code ran. */
  readonly ran: readonly string[];
  /** What the code wrote with console.log. */
  readonly printed: string;
}

/** Every check ran, there was one at least, and none failed. */
export const isPassed = ({ ending, checks }: Outcome): boolean =>
  ending === "done" && checks.length > 0 && checks.every(({ passed }) => passed);

/** Puts the lines of a process together. `map` is that of the bundle, which lies in `folder` of the project. */
export function outcomeOf(
  reports: readonly Report[],
  map: string,
  folder: string,
  crash: string,
  printed: string,
): Outcome {
  const find = <K extends Report["kind"]>(kind: K): Extract<Report, { kind: K }> | undefined =>
    reports.find((report) => report.kind === kind) as never;
  const locate = locator(map, folder);
  const last = reports.at(-1);
  const ending = endingOf(reports);
  return {
    ending,
    checks: checksOf(reports, locate, ending),
    message: ending === "crash" ? crash : last && "message" in last ? last.message : null,
    places:
      last && "frames" in last
        ? locate(last.frames)
        : last && "stack" in last
          ? locate(framesOf(last.stack))
          : [],
    answers: find("answers")?.answers ?? null,
    probes: find("probes")?.probes ?? null,
    ran: find("ran")?.regions ?? [],
    printed,
  };
}

function endingOf(reports: readonly Report[]): Ending {
  for (const kind of ["time", "memory", "exit", "load", "await", "done"] as const)
    if (reports.some((report) => report.kind === kind)) return kind;
  return "crash";
}

/** A check that had begun when the process ended has failed. */
function checksOf(reports: readonly Report[], locate: Locate, ending: Ending): CheckResult[] {
  return reports
    .filter((report) => report.kind === "begin")
    .map(({ check: name }) => {
      const end = reports.find(
        (one) => (one.kind === "passed" || one.kind === "failed") && one.check === name,
      );
      if (end?.kind === "failed")
        return { name, passed: false, message: end.message, places: locate(framesOf(end.stack)) };
      return { name, passed: end !== undefined, message: end ? null : `did not end (${ending})`, places: [] };
    });
}

type Locate = (frames: readonly Frame[]) => readonly Place[];

/** Frames of a bundle as lines of sources. The map is read when it is first needed: it is a megabyte. */
function locator(map: string, folder: string): Locate {
  let read: SourceMap | null = null;
  return (frames) =>
    frames.flatMap(({ line, column }) => {
      read ??= new SourceMap(JSON.parse(map) as SourceMapPayload);
      const entry = read.findEntry(line - 1, column - 1);
      if (!("originalSource" in entry)) return [];
      const name = entry.originalSource;
      const file = name.startsWith("learn") ? name.replace(/^.*:/, "") : posix.join(folder, name);
      return [{ file, line: entry.originalLine + 1 }];
    });
}

/** The frames of a stack that are in a bundle. */
const framesOf = (stack: string): Frame[] =>
  [...stack.matchAll(/at (?:(.*?) \()?[^()\n]*[0-9a-f]{16}\.mjs:(\d+):(\d+)/g)].map(
    ([, name = "", line, column]) => ({ name, line: Number(line), column: Number(column) }),
  );
