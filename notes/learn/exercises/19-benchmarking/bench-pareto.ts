import type { CodeExercise } from "../../exercise.ts";

const front = (signed: string, beats: string, kept: string) => `
  const signed = rows.map((row) => metrics.map(({ of, better }) => ${signed}));
  const beats = (a: readonly number[], b: readonly number[]): boolean =>
    ${beats};
  return rows.filter((_, i) => ${kept});`;

const SIGNED = '(better === "more" ? of(row) : -of(row))';
const BEATS = "a.every((value, i) => value >= b[i]) && a.some((value, i) => value > b[i])";
const KEPT = "!signed[i].some(Number.isNaN) && !signed.some((other) => beats(other, signed[i]))";

export const benchPareto: CodeExercise = {
  id: "bench-pareto",
  kind: "find",
  title: "Two equal models that beat each other",
  points: 20,
  part: "implementation",
  note: "19-benchmarking#the-rule",
  source: "tensorgrad/src/19-benchmarking/pareto.ts",
  starts: "equal rows beat each other",
  task: `
A row is on the Pareto front if no other is at least as good in every metric and better in one. Metrics are signed first, so that more is better in all.
A row that lacks a metric (NaN) is on no front.

With the planted bug some fronts are empty, though there is always a row that nobody beats. Find it and mend it.`,
  hints: [
    "Does a row beat itself?",
    "Read the definition again: it has two parts. Which of them does the code ask for?",
    "a beats b: aᵢ ≥ bᵢ for all i, and aᵢ > bᵢ for at least one i.",
    "sign the metrics; a beats b if every value is at least as large and some value is larger; keep rows without NaN that no row beats.",
  ],
  mistakes: [
    {
      name: "equal rows beat each other",
      wrong: front(SIGNED, "a.every((value, i) => value >= b[i])", KEPT),
      says: "A row is at least as good as itself in everything. To beat, it must also be better in something.",
    },
    {
      name: "better in one metric is enough",
      wrong: front(SIGNED, "a.some((value, i) => value > b[i])", KEPT),
      says: "A row that is better in one metric may be worse in another. Then neither beats the other.",
    },
    {
      name: "better in everything is asked for",
      wrong: front(SIGNED, "a.every((value, i) => value > b[i])", KEPT),
      says: "A row as fast and more accurate beats another. It need not be better in everything.",
    },
    {
      name: "more taken for better in every metric",
      wrong: front("of(row)", BEATS, KEPT),
      says: "Less time is better. Metrics of which less is better have to be turned round.",
    },
  ],
};
