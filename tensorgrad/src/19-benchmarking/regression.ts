import { checked, expectArgument } from "../00-runtime/index.ts";
import type { Machine } from "./machine.ts";
import { type Ratio, ratioApart, ratioOf } from "./statistics.ts";

/** Seconds of every round, by case. */
export interface BenchmarkReport {
  /** Reports with one id come from one run: their rounds were taken in turns. */
  readonly run: string;
  readonly machine: Machine;
  readonly cases: Readonly<Record<string, readonly number[]>>;
}

/** Options of `compareReports`. */
export interface GateOptions {
  /** A ratio may be this far below 1: 0.97 in turns, 0.95 in runs apart, where the machine itself may have changed. */
  readonly allowed?: number;
  /** Compares reports of different machines all the same. */
  readonly anyMachine?: boolean;
}

export interface CaseChange extends Ratio {
  readonly name: string;
  /** `slower` if the whole interval lies below what is allowed, `faster` above its inverse. */
  readonly verdict: "slower" | "faster" | "same";
}

/** The verdict of a regression gate, case by case. */
export interface GateResult {
  /** Whether rounds were taken in turns. */
  readonly paired: boolean;
  readonly allowed: number;
  readonly changes: readonly CaseChange[];
  readonly slower: readonly string[];
  /** Cases that only one of the reports has, or with too few rounds. */
  readonly skipped: readonly string[];
}

const FEWEST = 6; // for an interval of 95 %

/** A slowdown of 10 % leaves room for noise on both sides. */
export const ALLOWED = { paired: 0.97, apart: 0.95 } as const;

/**
 * Is anything slower than before, beyond the noise of its rounds?
 *
 * A case is slower if an interval that holds the true ratio in 95 of 100 measurements lies below `allowed` as a whole. Rounds that were
 * taken in turns give a ratio each (sign test); of others, only medians can be compared (bootstrap).
 *
 * Throws    TypeError for reports of different machines, unless `anyMachine`; RangeError if they have no case in common
 */
export function compareReports(
  base: BenchmarkReport,
  now: BenchmarkReport,
  options: GateOptions = {},
): GateResult {
  checked("compareReports", options, ["anyMachine", "allowed"]);
  for (const [name, report] of Object.entries({ base, now }))
    expectArgument(isReport(report), "compareReports", name, report, "a report, { machine, run, cases }");
  const different = differencesOf(base.machine, now.machine);
  if (different.length > 0 && !options.anyMachine)
    throw new TypeError(
      `compare: reports of different machines (${different.join("; ")}) — a ratio would tell of the machines; measure both on one, ` +
        "or ask for it: { anyMachine: true }, --any-machine",
    );
  const paired = base.run === now.run;
  const { allowed = paired ? ALLOWED.paired : ALLOWED.apart } = options;
  if (!(allowed > 0 && allowed <= 1))
    throw new RangeError(`compare: allowed = ${allowed} — a ratio above 0, at most 1`);
  const names = [...new Set([...Object.keys(base.cases), ...Object.keys(now.cases)])];
  const usable = names.filter((name) =>
    [base, now].every(({ cases }) => Object.hasOwn(cases, name) && cases[name].length >= FEWEST),
  );
  if (usable.length === 0)
    throw new RangeError(
      `compare: no case with ${FEWEST} rounds or more in both reports, of ${names.length} — nothing to compare`,
    );
  const changes = usable.map((name) => changeOf(name, base.cases[name], now.cases[name], paired, allowed));
  const slower = changes.filter(({ verdict }) => verdict === "slower").map(({ name }) => name);
  return { paired, allowed, changes, slower, skipped: names.filter((name) => !usable.includes(name)) };
}

/** Versions of Node count: they compile the same program differently. */
const isReport = (report: BenchmarkReport): boolean =>
  [report?.machine, report?.cases].every((part) => typeof part === "object" && part !== null);

function differencesOf(a: Machine, b: Machine): string[] {
  const keys = Object.keys(a) as (keyof Machine)[];
  return keys.filter((key) => a[key] !== b[key]).map((key) => `${key} ${a[key]} and ${b[key]}`);
}

// exercise: bench-gate
function changeOf(
  name: string,
  before: readonly number[],
  now: readonly number[],
  paired: boolean,
  allowed: number,
): CaseChange {
  const rounds = Math.min(before.length, now.length);
  const ratio = paired ? ratioOf(before.slice(0, rounds), now.slice(0, rounds)) : ratioApart(before, now);
  const verdict = ratio.high < allowed ? "slower" : ratio.low > 1 / allowed ? "faster" : "same";
  return { name, ...ratio, verdict };
}
