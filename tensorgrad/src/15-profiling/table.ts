import { checked, showBytes } from "../00-runtime/index.ts";
import type { Profile } from "./profile-result.ts";
import type { ProfileRow } from "./recorder.ts";

/** Options of `Profile.table`. */
export interface TableOptions {
  /** So many rows, the longest first; the others are summed up in one. */
  readonly limit?: number;
}

export const HEAD = [
  "phase",
  "layer",
  "operation",
  "calls",
  "ms",
  "share",
  "GFLOP",
  "GFLOP/s",
  "moved",
  "GB/s",
  "peak heap",
];

/** The cells of a row. */
export function cellsOf(row: ProfileRow, wallMs: number): string[] {
  const { phase, path, operation, calls, ms, flops, bytesRead, bytesWritten, peakBytes } = row;
  const bytes = bytesRead + bytesWritten;
  const rate = (amount: number): string => (amount > 0 && ms > 0 ? short(amount / ms / 1e6) : "–");
  return [
    ...[phase, path || "–", operation, String(calls), short(ms), share(ms, wallMs)],
    ...[flops > 0 ? short(flops / 1e9) : "–", rate(flops)],
    ...[bytes > 0 ? showBytes(bytes) : "–", rate(bytes), showBytes(peakBytes)],
  ];
}

export const share = (ms: number, of: number): string => `${((100 * ms) / of).toFixed(1)} %`;
export const short = (value: number): string => String(Number(value.toPrecision(3)));

export function table({ rows, wallMs, operationsMs, peakBytes }: Profile, options: TableOptions): string {
  const { limit = 30 } = checked("table", options, ["limit"]);
  const cells = rows.slice(0, limit).map((row) => cellsOf(row, wallMs));
  const others = rows.slice(limit);
  const sum = (list: readonly ProfileRow[]): number => list.reduce((total, { ms }) => total + ms, 0);
  const line = (name: string, ms: number): string[] => ["", "", name, "", short(ms), share(ms, wallMs)];
  const foot = [
    ...(others.length > 0 ? [line(`${others.length} more rows`, sum(others))] : []),
    line("operations", operationsMs),
    line("between them", wallMs - operationsMs),
    [...line("in all", wallMs), "", "", "", "", showBytes(peakBytes)],
  ];
  return aligned([HEAD, ...cells, ...foot]);
}

/** Columns as wide as their widest cell; the first three are text. */
export function aligned(rows: readonly (readonly string[])[], texts = 3): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => (row[i] ?? "").length)));
  const cell = (text: string, i: number): string =>
    i < texts ? text.padEnd(widths[i]) : text.padStart(widths[i]);
  return rows.map((row) => row.map(cell).join("  ").trimEnd()).join("\n");
}
