/** One cell: what is read, what is sorted by, and how near to its limit it came (0 cool … 1 at the limit). */
export interface Cell {
  readonly text: string;
  readonly value?: number;
  readonly heat?: number;
}

/** A table for all three forms of the report; rows have one cell for each column. */
export interface Table {
  readonly title: string;
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Words, or a count that needs no rounding and has no limit. */
export const text = (content: string | number): Cell =>
  typeof content === "number" ? { text: String(content), value: content } : { text: content };

/** A number; heated by how many of its digits before the limit are used up, three decades wide. */
export function measure(value: number, limit?: number): Cell {
  // Three digits where a person can place them, powers of ten elsewhere.
  const shown =
    value === 0
      ? "0"
      : Math.abs(value) >= 0.01 && Math.abs(value) < 1e4
        ? value.toPrecision(3)
        : value.toExponential(1);
  if (limit === undefined) return { text: shown, value };
  // At a thousandth of the limit the scale begins: what is further below is equally far from trouble.
  const used = value <= 0 ? 0 : limit === 0 ? 1 : (Math.log10(value / limit) + 3) / 3;
  return { text: shown, value, heat: Math.min(1, Math.max(0, used)) };
}

/** Sorted so that misses come first when turned round, and red whatever the theme. */
export const verdict = (passed: boolean): Cell => ({
  text: passed ? "ok" : "MISS",
  value: passed ? 0 : 1,
  heat: passed ? 0 : 1,
});
