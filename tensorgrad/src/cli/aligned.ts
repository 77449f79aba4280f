import { printable } from "./printable.ts";

/** Columns as wide as their widest cell. */
export function aligned(given: readonly (readonly string[])[], indent = ""): string {
  const rows = given.map((row) => row.map((cell) => printable(cell)));
  const widths = rows[0].map((_, i) => rows.reduce((most, row) => Math.max(most, row[i].length), 0));
  return rows
    .map(
      (row) =>
        indent +
        row
          .map((cell, i) => cell.padEnd(widths[i]))
          .join("  ")
          .trimEnd(),
    )
    .join("\n");
}
