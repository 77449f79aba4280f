import assert from "node:assert/strict";
import type { Answers, Checks } from "../exercise.ts";

/** What a question is about, and how its number is measured or computed. */
export type Measured = readonly [what: string, measure: () => number, tolerance?: number];

/**
 * Checks for questions: one for each, which says whether an answer is too small or too large, but not what is right; and the right
 * answers, for whoever proves the exercise.
 *
 *   export const { checks, solution } = asked({ bytes: ["bytes of the table", () => table.data.byteLength] });
 */
export function asked(questions: Readonly<Record<string, Measured>>): {
  readonly checks: Checks;
  readonly solution: () => Answers;
} {
  const checks = Object.entries(questions).map(([name, [what, measure, tolerance = 1e-9]]) => [
    what,
    (answers: Answers) => compare(`${name}, ${what}`, answers[name], measure(), tolerance),
  ]);
  return {
    checks: Object.fromEntries(checks),
    solution: () =>
      Object.fromEntries(Object.entries(questions).map(([name, [, measure]]) => [name, measure()])),
  };
}

/** `tolerance` is a share of the right number; of 0 there is none. */
function compare(what: string, answer: number | undefined, measured: number, tolerance: number): void {
  assert.ok(typeof answer === "number" && Number.isFinite(answer), `${what}: there is no number yet`);
  if (Math.abs(answer - measured) <= tolerance * Math.abs(measured)) return;
  assert.fail(`${what}: ${answer} is too ${answer < measured ? "small" : "large"}`);
}
