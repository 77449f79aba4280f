import { scoreOf } from "../section.ts";
import { foundIn, type Results } from "../verification.ts";

/**
 * The end of a run in two forms. The lines count, the misses explain: the first tell that it was enough, the
 * second what to do.
 */
export interface Summary {
  /** The last line of `--json`: a score for every total, null where nothing was run. */
  readonly json: Readonly<Record<string, unknown>>;
  /** One line per total, for people; what did not run is left out. */
  readonly lines: readonly string[];
  /** Everything that did not pass, in words; empty means success. */
  readonly misses: readonly string[];
}

export function summaryOf(results: Results, filter = ""): Summary {
  const { all, withoutCase } = results.completeness;
  const withCase = all.length - withoutCase.length;
  const lines = [`table: ${withCase} of ${all.length} operations, layers and losses have a row`];
  const scores = { own: {} as Record<string, unknown>, parity: {} as Record<string, unknown> };
  for (const { section, rows } of foundIn(results)) {
    const into = section.part === "parity" ? scores.parity : scores.own;
    for (const count of section.counts) {
      const score = rows && scoreOf(section, count, rows);
      into[count.key] = score && { [count.passedIs ?? "passed"]: score.passed, total: score.total };
      if (score?.total) lines.push(`${count.label}: ${score.passed} of ${score.total}`);
    }
  }
  const json = { operations: all.length, withCase, ...scores.own, parity: scores.parity };
  return { json, lines, misses: missesOf(results, filter) };
}

/** One line for each miss, the first line of its explanation; the rest stands in the report. */
function missesOf(results: Results, filter: string): string[] {
  const found = foundIn(results);
  const wrong = found.flatMap(({ section, rows }) =>
    (rows ?? []).flatMap((row) => section.wrong(row)?.split("\n")[0] ?? []),
  );
  // Who looks at a part of the table only does not ask whether the table is complete.
  const gaps = filter ? [] : gapsOf(results);
  // A filter that lets nothing through must not look like success.
  const ran = found.some(({ rows }) => rows?.length);
  return [...gaps, ...wrong, ...(ran ? [] : [`nothing has ${JSON.stringify(filter)} in its name`])];
}

/** What the table itself lacks. These are misses, too: an operation without a row would pass every check. */
function gapsOf(results: Results): string[] {
  const { withoutCase, emptyClaims, unexplained, staleReasons } = results.completeness;
  return [
    ...withoutCase.map((name) => `${name} has no row in the table`),
    ...emptyClaims.map((claim) => `${claim} is claimed but never run`),
    ...unexplained.map((name) => `${name} has no ONNX translation and no stated reason`),
    ...staleReasons.map((name) => `the reason why ${name} has no ONNX translation is out of date`),
  ];
}
