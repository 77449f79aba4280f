/** One cell: what is read, what is sorted by, and how near to its limit it came (0 cool … 1 at the limit). */
export interface Cell {
  readonly text: string;
  readonly value?: number;
  readonly heat?: number;
}

export interface Table {
  readonly title: string;
  readonly about: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export const text = (content: string | number): Cell =>
  typeof content === "number" ? { text: String(content), value: content } : { text: content };

/** A number; heated by how many of its digits before the limit are used up, three decades wide. */
export function measure(value: number, limit?: number): Cell {
  const shown =
    value === 0
      ? "0"
      : Math.abs(value) >= 0.01 && Math.abs(value) < 1e4
        ? value.toPrecision(3)
        : value.toExponential(1);
  if (limit === undefined) return { text: shown, value };
  const used = value <= 0 ? 0 : limit === 0 ? 1 : (Math.log10(value / limit) + 3) / 3;
  return { text: shown, value, heat: Math.min(1, Math.max(0, used)) };
}

export const verdict = (passed: boolean): Cell => ({
  text: passed ? "ok" : "MISS",
  value: passed ? 0 : 1,
  heat: passed ? 0 : 1,
});
