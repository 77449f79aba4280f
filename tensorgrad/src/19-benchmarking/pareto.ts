import { expectArgument } from "../00-runtime/index.ts";

/** Whether more of a metric is better, or less. */
export type Better = "more" | "less";

/**
 * The rows that no other row beats: another one is at least as good in every metric, and better in one. In the order given. A row that
 * lacks a metric (NaN) is on no front.
 */
// exercise: bench-pareto
export function paretoFront<Row>(
  rows: readonly Row[],
  metrics: readonly { readonly of: (row: Row) => number; readonly better: Better }[],
): Row[] {
  expectArgument(Array.isArray(rows), "paretoFront", "rows", rows, "a list");
  const fits = Array.isArray(metrics) && metrics.every((metric) => typeof metric?.of === "function");
  expectArgument(fits, "paretoFront", "metrics", metrics, "a list of { of: (row) => number, better }");
  const signed = rows.map((row) => metrics.map(({ of, better }) => (better === "more" ? of(row) : -of(row))));
  const beats = (a: readonly number[], b: readonly number[]): boolean =>
    a.every((value, i) => value >= b[i]) && a.some((value, i) => value > b[i]);
  return rows.filter(
    (_, i) => !signed[i].some(Number.isNaN) && !signed.some((other) => beats(other, signed[i])),
  );
}
