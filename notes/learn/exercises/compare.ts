import assert from "node:assert/strict";
import type { Answers, Checks } from "../exercise.ts";

/** What checks compare: a number, or nested lists of numbers as tensors give them. */
export type Numbers = number | readonly Numbers[];

const flat = (x: Numbers): number[] => (typeof x === "number" ? [x] : x.flatMap(flat));

const short = (x: Numbers | undefined): string =>
  x === undefined
    ? "nothing"
    : typeof x === "number"
      ? String(Number(x.toPrecision(7)))
      : `[${x.map(short).join(", ")}]`;

/** Throws unless the numbers are equal but for rounding. `given` says what was computed, and from what. */
export function near(given: string, came: Numbers, due: Numbers, tolerance = 1e-9): void {
  const [a, b] = [came === undefined ? [] : flat(came), flat(due)];
  const close = (x: number, y: number) =>
    Object.is(x, y) || Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y));
  const same = a.length === b.length && a.every((x, i) => close(x, b[i]));
  assert.ok(same, `${given}: got ${short(came)}, expected ${short(due)}`);
}

/** Throws unless the lists of sizes, strides or names are equal. */
export function alike<T extends number | string>(given: string, came: readonly T[], due: readonly T[]): void {
  const [a, b] = [came, due].map((list) => `[${list.join(", ")}]`);
  assert.equal(a, b, `${given}: got ${a}, expected ${b}`);
}

/** What a question is about, how its number is measured, and by which share a rounded answer may differ. */
export type Measured = readonly [what: string, measure: () => number, tolerance?: number];

/** Checks of questions, one for each, and the right answers. A check says in which direction to think again, not the number. */
export function asked(questions: Readonly<Record<string, Measured>>): {
  readonly checks: Checks;
  readonly solution: () => Answers;
} {
  const all = Object.entries(questions);
  const checks = all.map(([name, [what, measure, tolerance = 1e-9]]) => [
    what,
    (answers: Answers) => compare(`${name}, ${what}`, answers[name], measure(), tolerance),
  ]);
  return {
    checks: Object.fromEntries(checks),
    solution: () => Object.fromEntries(all.map(([name, [, measure]]) => [name, measure()])),
  };
}

function compare(what: string, answer: number | undefined, measured: number, tolerance: number): void {
  assert.ok(answer !== undefined && Number.isFinite(answer), `${what}: no number yet`);
  if (Math.abs(answer - measured) <= tolerance * Math.abs(measured)) return;
  assert.fail(
    `${what}: you said ${answer}, what was measured is ${answer < measured ? "larger" : "smaller"}`,
  );
}

/** What `fn` computes, to six digits, for the probes of an exercise; the message of what it throws. */
export function tried(fn: () => Numbers): (number | string)[] {
  try {
    return flat(fn()).map((x) => (Number.isFinite(x) ? Number(x.toPrecision(6)) : String(x)));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
