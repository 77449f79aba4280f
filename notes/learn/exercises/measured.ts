import assert from "node:assert/strict";
import type { Answers, Checks } from "../exercise.ts";

/** What a question is about, and how its number is measured; `within` is the share by which a rounded answer may differ. */
export type Measured = readonly [what: string, measure: () => number, within?: number];

/**
 * Checks of questions, one for each, and the right answers for whoever verifies the exercise. A check says in which direction an
 * answer is off, and not the number: it is worth finding.
 *
 *   export const { checks, solution } = measured({ bytes: ["bytes of the table", () => table.data.byteLength] });
 */
export function measured(questions: Readonly<Record<string, Measured>>): {
  readonly checks: Checks;
  readonly solution: () => Answers;
} {
  const all = Object.entries(questions);
  return {
    checks: Object.fromEntries(
      all.map(([name, [what, measure, within = 0]]) => [
        what,
        (answers: Answers) => agrees(name, answers[name], measure(), within),
      ]),
    ),
    solution: () => Object.fromEntries(all.map(([name, [, measure]]) => [name, measure()])),
  };
}

function agrees(name: string, answer: number | undefined, found: number, within: number): void {
  assert.ok(
    answer !== undefined && Number.isFinite(answer),
    `${name}: there is no number yet — say one before you measure`,
  );
  if (Math.abs(answer - found) <= within * Math.abs(found)) return;
  assert.fail(`${name}: ${answer} is ${answer > found ? "larger" : "smaller"} than what was measured`);
}

type Given = number | string | boolean | null;

/** What a probe gives: its numbers to six digits, or its message where it throws. */
export function attempt(probe: () => readonly Given[]): readonly Given[] {
  try {
    return probe().map((value) => (typeof value === "number" ? rounded(value) : value));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** JSON has no NaN and no infinity. */
const rounded = (value: number): Given =>
  Number.isFinite(value) ? Number(value.toPrecision(6)) || 0 : String(value);
