import { closeSync, openSync, readSync } from "node:fs";
import { CsvError } from "csv-parse";
import { FormatError } from "../../00-runtime/index.ts";

/** What the parser says, as an error of ours. */
export function inWords(error: unknown, call: string): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = "lines" in error ? `line ${String(error.lines)}` : "the file";
  if (error.code.startsWith("CSV_RECORD_INCONSISTENT"))
    return new FormatError(
      `${call}, ${line}: another number of cells than the head has (${error.message}) — all lines are of one length`,
    );
  if (/QUOTE/.test(error.code))
    return new FormatError(
      `${call}, ${line}: a quote that does not end, or stands within a cell (${error.message})`,
    );
  return new FormatError(`${call}, ${line}: ${error.message}`);
}

/** The one of comma, semicolon and tab that the first line has most of. */
export function delimiterOf(text: string): string {
  const [first] = text.split(/\r?\n/, 1);
  const count = (mark: string): number => first.split(mark).length;
  return [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

/** As much of a file as shows how its lines are divided. */
export function firstBytes(path: string): string {
  const bytes = new Uint8Array(10_000);
  const file = openSync(path, "r");
  try {
    return new TextDecoder().decode(bytes.subarray(0, readSync(file, bytes)));
  } finally {
    closeSync(file);
  }
}
