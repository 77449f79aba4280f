import { significant } from "tensorgrad/benchmarking";
import { type Case, inUnit } from "./cases.ts";
import type { Samples, Seconds } from "./measure.ts";

export interface Result {
  readonly case: Case;
  readonly seconds: Seconds;
  /** Of every round. */
  readonly samples?: Samples;
}

const GAP = "  ";

/**
 * One row per case, one column per contender that has at least one number; `–` is what a contender does not have.
 * More is better for GFLOP/s and GB/s, less for ms and µs.
 */
export function table(results: readonly Result[]): string {
  const names = [...new Set(results.flatMap(({ seconds }) => Object.keys(seconds)))];
  const columns = names.filter((name) => results.some(({ seconds }) => (seconds[name] ?? null) !== null));
  const rows = results.map((result) => [
    result.case.name,
    result.case.unit,
    ...columns.map((name) => cell(result, name)),
  ]);
  const all = [["case", "unit", ...columns], ...rows];
  const widths = all[0].map((_, i) => Math.max(...all.map((row) => row[i].length)));
  const line = (row: readonly string[]) =>
    row.map((text, i) => (i < 2 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join(GAP);
  const [head, ...body] = all.map(line);
  return [head, widths.map((width) => "─".repeat(width)).join(GAP), ...body].join("\n");
}

function cell({ case: one, seconds }: Result, name: string): string {
  const value = seconds[name] ?? null;
  return value === null ? "–" : String(significant(inUnit(one, value)));
}
