import { expectArgument, extentOf } from "../00-runtime/index.ts";
import { expectObjects } from "./expect.ts";

/** One line of a summary: what ran, what came out, what was asked for, and how long it took in seconds. */
export interface SummaryRow {
  job: string;
  result: string;
  target: string;
  seconds: number;
  passed: boolean;
}

/** The cells of a row as people read them, the same on the terminal and on a page. */
export function summaryCells({ job, result, target, seconds, passed }: SummaryRow): string[] {
  return [job, result, target, `${seconds.toFixed(1)} s`, passed ? "✓ met" : "✗ missed"];
}

export const summaryHead: readonly string[] = ["job", "result", "target", "time", ""];

/** The summary as lines of aligned columns for a terminal. */
export function summaryText(rows: readonly SummaryRow[]): string {
  expectRows("summaryText", rows);
  const lines = [summaryHead, ...rows.map(summaryCells)];
  const widths = summaryHead.map((_, column) => extentOf(lines.map((line) => line[column]!.length))[1]);
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  return [text[0], "-".repeat(extentOf(text.map((line) => line.length))[1]), ...text.slice(1)].join("\n");
}

/** Every missed target in words, for `finish`. */
export function missedRows(rows: readonly SummaryRow[]): string[] {
  expectRows("missedRows", rows);
  return rows
    .filter((row) => !row.passed)
    .map(({ job, result, target }) => `${job}: ${result}; the target is ${target}`);
}

function expectRows(call: string, rows: readonly SummaryRow[]): void {
  expectObjects(call, rows, "rows");
  for (const { seconds } of rows)
    expectArgument(typeof seconds === "number", call, "rows’ seconds", seconds, "a number");
}
