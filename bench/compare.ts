/** `npm run bench -- compare BASE.json NOW.json`: is what the second file measured slower than the first? */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  type BenchmarkReport,
  compareReports,
  type GateResult,
  type Machine,
  significant,
} from "tensorgrad/benchmarking";
import type { Samples } from "./measure.ts";

/** Of `out/bench.json`, what counts here. */
interface BenchFile {
  readonly run: string;
  readonly machine: Machine;
  readonly results: readonly { readonly case: { readonly name: string }; readonly samples: Samples }[];
}

/** A case of each contender by its own name; `out/bench.json`, or a report that has `cases` already. */
export function reportIn(file: string, text: string): BenchmarkReport {
  let read: BenchFile | BenchmarkReport;
  try {
    read = JSON.parse(text) as BenchFile | BenchmarkReport;
  } catch (error) {
    throw new TypeError(
      `compare: ${file} is no JSON (${(error as Error).message}) — give files that npm run bench has written`,
    );
  }
  if (typeof read?.run === "string" && "cases" in read && read.machine) return read;
  const { run, machine, results } = (read ?? {}) as Partial<BenchFile>;
  if (
    typeof run !== "string" ||
    !machine ||
    !Array.isArray(results) ||
    !results.every((one) => one?.case?.name && one.samples)
  )
    throw new TypeError(
      `compare: ${file} has no run, machine and samples of every round — write it anew with npm run bench`,
    );
  const cases = results.flatMap((one: BenchFile["results"][number]) =>
    Object.entries(one.samples).map(([who, seconds]) => [`${one.case.name}, ${who}`, seconds] as const),
  );
  return { run, machine, cases: Object.fromEntries(cases) };
}

/** One line for each case, the slowest change first. */
export function gateText({ changes, slower, skipped, paired, allowed }: GateResult): string {
  const rows = [...changes].sort((a, b) => a.ratio - b.ratio);
  const width = Math.max(4, ...rows.map(({ name }) => name.length));
  const figures = (list: readonly number[]): string =>
    list.map((x) => String(significant(x)).padStart(8)).join("");
  return [
    `${"case".padEnd(width)}   speed    from      to`,
    ...rows.map(
      ({ name, ratio, low, high, verdict }) =>
        `${name.padEnd(width)}${figures([ratio, low, high])}${verdict === "same" ? "" : `  ${verdict}`}`,
    ),
    "",
    `${slower.length} of ${changes.length} slower: a whole interval of 95 % below ${allowed}; rounds were taken ${paired ? "in turns" : "apart"}` +
      (skipped.length > 0 ? `; skipped, for one side lacks rounds: ${skipped.join(", ")}` : ""),
  ].join("\n");
}

/** Prints the comparison; the exit code is 1 if something is slower. */
export function compareFiles(args: readonly string[]): void {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      "any-machine": { type: "boolean", default: false },
      allowed: { type: "string" },
      json: { type: "boolean" },
    },
    allowPositionals: true,
  });
  if (positionals.length !== 2)
    throw new TypeError(
      `compare: ${positionals.join(" ") || "no files"} — give two files, the earlier one first`,
    );
  const [base, now] = positionals.map((file) => reportIn(file, readFileSync(file, "utf8")));
  const allowed = values.allowed === undefined ? {} : { allowed: Number(values.allowed) };
  const result = compareReports(base, now, { anyMachine: values["any-machine"], ...allowed });
  console.log(gateText(result));
  if (values.json) console.log(JSON.stringify(result));
  if (result.slower.length > 0) process.exitCode = 1;
}
