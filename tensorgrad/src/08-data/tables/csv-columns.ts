import { FormatError } from "../../00-runtime/index.ts";

/** One column of a table, as it was understood. */
export type Column =
  | { readonly name: string; readonly kind: "number"; readonly mean: number; readonly std: number }
  | { readonly name: string; readonly kind: "category"; readonly categories: readonly string[] };

/** What stands for "not known" in files of the usual programs. */
const MISSING: ReadonlySet<string> = new Set(["", "na", "n/a", "nan", "null", "none", "?"]);

export const isMissing = (cell: string): boolean => MISSING.has(cell.trim().toLowerCase());

/** A number as people write it; anything else is a category. */
const isNumber = (cell: string): boolean =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell.trim()) && Number.isFinite(Number(cell));

/**
 * Learns about a column from its cells: numbers, with mean and spread, if all that are known are numbers; else categories, in the
 * order of the alphabet.
 *
 * Throws  FormatError for a column of which nothing is known, and one with more categories than `mostCategories`
 */
export function learnColumn(
  call: string,
  name: string,
  cells: Iterable<string>,
  { asCategory = false, mostCategories = 1000 } = {},
): Column {
  const known = Array.from(cells).filter((cell) => !isMissing(cell));
  if (known.length === 0)
    throw new FormatError(
      `${call}: column ${JSON.stringify(name)} has no known value — leave it out: { columns: […] }`,
    );
  if (!asCategory && known.every(isNumber)) return { name, kind: "number", ...moments(known.map(Number)) };
  const categories = [...new Set(known.map((cell) => cell.trim()))].sort();
  if (categories.length <= mostCategories) return { name, kind: "category", categories };
  throw new FormatError(
    `${call}: column ${JSON.stringify(name)} has ${categories.length} categories, such as ${JSON.stringify(categories[0])} — ` +
      `at most ${mostCategories} are taken for classes; leave the column out, or give { mostCategories }`,
  );
}

/** Mean and spread, in two passes. A column that never changes has spread 1: standardised it is 0 everywhere. */
function moments(values: readonly number[]): { mean: number; std: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance) || 1 };
}

/** How many numbers a column becomes: a category one for each class. */
export const widthOf = (column: Column): number => (column.kind === "number" ? 1 : column.categories.length);

export interface EncodeOptions {
  /** Numbers become (x − mean)/std. */
  readonly standardise: boolean;
  /** What an unknown number becomes: the column's mean, or an error. */
  readonly missing: "mean" | "error";
}

/**
 * Writes what a cell becomes: a number, or a 1 among 0s. Where nothing is known, a category is all 0.
 *
 * Throws  FormatError for a cell that is not of its column's kind: line and column are named
 */
export function encodeCell(
  call: string,
  column: Column,
  cell: string,
  to: Float32Array,
  at: number,
  { standardise, missing }: EncodeOptions,
): void {
  if (isMissing(cell) && missing === "error")
    throw new FormatError(
      `${call}, column ${JSON.stringify(column.name)}: nothing is known — { missing: "mean" } puts the column's mean there`,
    );
  if (column.kind === "category") {
    const index = column.categories.indexOf(cell.trim());
    if (index >= 0) to[at + index] = 1;
    else if (!isMissing(cell)) throw unknownCategory(call, column, cell);
    return;
  }
  if (!isMissing(cell) && !isNumber(cell))
    throw new FormatError(
      `${call}, column ${JSON.stringify(column.name)}: ${JSON.stringify(cell)} — the others are numbers`,
    );
  const value = isMissing(cell) ? column.mean : Number(cell);
  to[at] = standardise ? (value - column.mean) / column.std : value;
}

/** The class of a cell, or its number. Throws FormatError for one that is not known. */
export function targetOf(call: string, column: Column, cell: string): number {
  if (isMissing(cell))
    throw new FormatError(
      `${call}, column ${JSON.stringify(column.name)}: the target is not known — leave such lines out: { dropMissing: true }`,
    );
  if (column.kind === "number") return Number(cell);
  const index = column.categories.indexOf(cell.trim());
  if (index < 0) throw unknownCategory(call, column, cell);
  return index;
}

function unknownCategory(call: string, column: Column & { kind: "category" }, cell: string): FormatError {
  const known = column.categories.slice(0, 5).join(", ");
  return new FormatError(
    `${call}, column ${JSON.stringify(column.name)}: ${JSON.stringify(cell)} is none of its ${column.categories.length} categories ` +
      `(${known}${column.categories.length > 5 ? ", …" : ""})`,
  );
}
