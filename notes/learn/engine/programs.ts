import type { Answers, CodeExercise } from "../exercise.ts";
import { answersFile, type Overlay } from "./bundle.ts";
import { type Catalogue, type Entry, isCode, solutionOf } from "./catalogue.ts";
import { withCode, withVariants } from "./regions.ts";

/** A text that imports, and the files to be replaced: what Bundler makes a program of. */
export interface Program {
  readonly entry: string;
  readonly overlay: Overlay;
}

const imported = (path: string): string => JSON.stringify(path.replaceAll("\\", "/"));

/** Loads the checks; `answers` is an expression. */
const entryFor = ({ check }: Entry, answers: string): string => `
import * as check from ${imported(check)};
import * as given from "learn:answers";
export const load = async () => ({ check, answers: ${answers} });`;

/** Checks what the overlay says; the answers, if any, are what its answer sheet exports. */
export const checking = (entry: Entry, overlay: Overlay): Program => ({
  entry: entryFor(entry, "given"),
  overlay,
});

/** Our source with each of several programs in the region; `learnVariant` says which one runs. */
export function manyPrograms(catalogue: Catalogue, entry: Entry, codes: readonly string[]): Program {
  const { source } = entry.exercise as CodeExercise;
  const { text, region } = solutionOf(catalogue, entry.exercise as CodeExercise);
  return checking(entry, new Map([[source, withVariants(text, region, codes)]]));
}

/** Our source with one program in the region. */
export function oneProgram(catalogue: Catalogue, entry: Entry, code: string): Program {
  const { source } = entry.exercise as CodeExercise;
  const { text, region } = solutionOf(catalogue, entry.exercise as CodeExercise);
  return checking(entry, new Map([[source, withCode(text, region, code)]]));
}

/** The right answers, with some replaced in each variant; `null` stands for the sheet that nobody has filled in. */
export function manyAnswers(entry: Entry, sheets: readonly (Answers | null)[]): Program {
  const { exercise } = entry;
  const names = "questions" in exercise ? exercise.questions.map(({ name }) => name) : [];
  const empty = `{ ${names.map((name) => `${name}: NaN`).join(", ")} }`;
  const right = `typeof check.solution === "function" ? await check.solution() : check.solution`;
  const cases = sheets.map((sheet) => (sheet ? `{ ...right, ...${JSON.stringify(sheet)} }` : empty));
  return {
    entry: entryFor(
      entry,
      `await (async () => {
      const right = ${right};
      return [${cases.join(", ")}][globalThis.learnVariant];
    })()`,
    ),
    overlay: new Map(),
  };
}

/** The exercise's file, ours, that throws as soon as it is loaded. */
export function throwing(catalogue: Catalogue, entry: Entry): Program {
  const line = `throw new Error("this file is broken on purpose");\n`;
  if (!isCode(entry.exercise)) return checking(entry, new Map([[answersFile, line]]));
  return checking(
    entry,
    new Map([[entry.exercise.source, line + solutionOf(catalogue, entry.exercise).text]]),
  );
}
