import { dirname } from "node:path";
import { hashOf, isSame, readMistakes, rounded } from "../author/probes.ts";
import type { BundleError } from "../engine/bundle.ts";
import { codeOf, type Entry, isCode } from "../engine/catalogue.ts";
import type { Effective } from "../engine/learner-files.ts";
import { type Ending, isPassed, type Outcome, type Place } from "../engine/outcome.ts";
import { essence, findRegion } from "../engine/regions.ts";
import type { Mistake } from "../exercise.ts";

/** What a check found: what `--json` prints. */
export interface Verdict {
  readonly exercise: string;
  readonly passed: boolean;
  readonly ending: Ending | "build";
  readonly checks: readonly CheckVerdict[];
  /** What was in the way of the checks, and where. */
  readonly message: string | null;
  readonly at: Place | null;
  readonly code: string | null;
  /** The listed mistake that gives the same. */
  readonly mistake: { readonly name: string; readonly says: string } | null;
  /** The file with the checks is not the one that was proved. */
  readonly changedChecks: boolean;
  readonly printed: string;
  readonly ran: readonly string[];
  readonly milliseconds: number;
}

export interface CheckVerdict {
  readonly name: string;
  readonly passed: boolean;
  readonly message: string | null;
  readonly at: Place | null;
}

/** Where a line is in the learner's folder, if the line is the learner's. */
type Locate = (places: readonly Place[]) => Place | null;

const locator =
  (entry: Entry, files: Effective): Locate =>
  (places) => {
    for (const { file, line } of places) {
      const own = files.lineOf(file, line);
      if (own !== null) return { file: file === "answers.ts" ? entry.file : file, line: own };
    }
    return null;
  };

export function verdictOf(entry: Entry, files: Effective, outcome: Outcome, check: string): Verdict {
  const locate = locator(entry, files);
  const { places, probes: _, answers: __, checks, ...rest } = outcome;
  const passed = isPassed(outcome);
  const nothing = outcome.ending === "done" && checks.length === 0;
  const shown = checks.map(({ name, passed, message, places }) => ({
    name,
    passed,
    message,
    at: locate(places),
  }));
  return {
    ...rest,
    message: nothing ? "there are no checks: nothing was proved" : outcome.message,
    ...{
      exercise: entry.exercise.id,
      passed,
      checks: shown,
      at: locate(places),
      code: null,
      milliseconds: 0,
    },
    mistake: passed ? null : mistakeOf(entry, files, outcome),
    changedChecks: isChanged(entry, check),
  };
}

/** A file that does not parse, or asks for what is not there. */
export function unbuilt(entry: Entry, files: Effective, error: BundleError, check: string): Verdict {
  const place = error.file === null || error.line === null ? [] : [{ file: error.file, line: error.line }];
  return {
    ...{ exercise: entry.exercise.id, passed: false, ending: "build", checks: [], message: error.message },
    ...{ at: locator(entry, files)(place) ?? place[0] ?? null, code: error.code, mistake: null },
    ...{ changedChecks: isChanged(entry, check), printed: "", ran: [], milliseconds: 0 },
  };
}

function isChanged(entry: Entry, check: string): boolean {
  const known = readMistakes(dirname(entry.check))[entry.exercise.id];
  return known !== undefined && known.check !== hashOf(check);
}

/** The listed mistake whose code or answers are the learner's, or that gives the same on every probe. */
function mistakeOf({ exercise, check }: Entry, files: Effective, outcome: Outcome): Verdict["mistake"] {
  const recorded = readMistakes(dirname(check))[exercise.id]?.probes ?? {};
  const { probes, answers } = outcome;
  const text = isCode(exercise) ? (files.overlay.get(exercise.source) ?? "") : "";
  const region = findRegion(text, exercise.id);
  const own = region ? essence(codeOf(text, region)) : null;
  const found = exercise.mistakes.find(({ name, wrong }) => {
    if (typeof wrong === "string")
      return (
        own === essence(wrong) || (probes && recorded[name] ? isSame(rounded(probes), recorded[name]) : false)
      );
    return answers !== null && matches(wrong, answers);
  });
  return found ? { name: found.name, says: found.says } : null;
}

const matches = (
  wrong: Exclude<Mistake["wrong"], string>,
  answers: NonNullable<Outcome["answers"]>,
): boolean => Object.entries(wrong).every(([name, x]) => isSame([x], [answers[name]]));
