import { BundleError } from "../engine/bundle.ts";
import { codeOf, type Entry, isCode, solutionOf } from "../engine/catalogue.ts";
import { isPassed } from "../engine/outcome.ts";
import { oneProgram } from "../engine/programs.ts";
import type { CodeExercise } from "../exercise.ts";
import { UsageError } from "../learner/learn.ts";
import type { Tools } from "./verify.ts";

/** Small changes that make another program of most code. */
const swaps: readonly (readonly [RegExp, string])[] = [
  [/ \+ /g, " - "],
  [/ - /g, " + "],
  [/ \* /g, " / "],
  [/ \/ /g, " * "],
  [/ \+= /g, " = "],
  [/ -= /g, " += "],
  [/ < /g, " <= "],
  [/ <= /g, " < "],
  [/ > /g, " >= "],
  [/ === /g, " !== "],
  [/\b0\b(?!\.)/g, "1"],
  [/\b1\b(?!\.)/g, "2"],
  [/\.mul\(/g, ".add("],
  [/\.add\(/g, ".sub("],
  [/\.sub\(/g, ".add("],
  [/\.div\(/g, ".mul("],
];

/** The code with one place changed, for every place and change. */
export const mutantsOf = (code: string): string[] => [
  ...new Set(
    swaps.flatMap(([from, to]) =>
      [...code.matchAll(from)]
        .filter(({ index }) => !/^\s*(\/\/|\*|\/\*)/.test(code.slice(code.lastIndexOf("\n", index) + 1)))
        .map(({ index, 0: found }) => code.slice(0, index) + to + code.slice(index + found.length)),
    ),
  ),
];

/** Changed solutions that pass all checks: what the checks do not see. */
export async function survivors({ catalogue, bundler, runner }: Tools, entry: Entry): Promise<string[]> {
  if (!isCode(entry.exercise))
    throw new UsageError(`author mutate ${entry.exercise.id}: a question has no code`);
  const { text, region } = solutionOf(catalogue, entry.exercise as CodeExercise);
  const found: string[] = [];
  for (const code of mutantsOf(codeOf(text, region))) {
    try {
      const { entry: program, overlay } = oneProgram(catalogue, entry, code);
      const outcome = await runner.run(await bundler.bundle(program, overlay), { seconds: 10 });
      if (isPassed(outcome)) found.push(code);
    } catch (error) {
      if (!(error instanceof BundleError)) throw error; // it does not parse: no program
    }
  }
  return found;
}
