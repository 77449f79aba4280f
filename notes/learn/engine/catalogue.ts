import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { CodeExercise, Exercise, QuestionExercise } from "../exercise.ts";
import { codeOf, findRegion, markedIn, type Region, stubOf, withCode } from "./regions.ts";

/** The project's root. */
export const root = fileURLToPath(new URL("../../../", import.meta.url)).replace(/[\\/]$/, "");

/** An exercise and where it stands. */
export interface Entry {
  readonly exercise: Exercise;
  /** `05-autograd`. */
  readonly module: string;
  /** Its place among all exercises, from 0. */
  readonly place: number;
  /** The file with its checks. */
  readonly check: string;
  /** What the learner edits, from the workspace: the source's path, or `answers/<module>/<id>.ts`. */
  readonly file: string;
}

export interface Catalogue {
  readonly root: string;
  readonly folder: string;
  readonly modules: readonly string[];
  readonly entries: readonly Entry[];
}

export const isCode = (exercise: Exercise): exercise is CodeExercise => "source" in exercise;
export const isQuestion = (exercise: Exercise): exercise is QuestionExercise => "questions" in exercise;

/** Exercise 0: it tries the set-up, before the first module. */
export const FIRST = "00-start";

/**
 * Every exercise of a folder, in order of module and index.
 *
 * Throws    Error for a module without a list of exercises
 */
export async function readCatalogue(
  folder = join(root, "notes/learn/exercises"),
  base = root,
): Promise<Catalogue> {
  const modules = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^\d\d-/.test(name) && existsSync(join(folder, name, "index.ts")))
        .sort((a, b) => (a === FIRST ? -1 : b === FIRST ? 1 : a < b ? -1 : 1))
    : [];
  const entries: Entry[] = [];
  for (const module of modules) {
    const { exercises } = (await import(pathToFileURL(join(folder, module, "index.ts")).href)) as {
      exercises?: readonly Exercise[];
    };
    if (!Array.isArray(exercises))
      throw new Error(`exercises/${module}/index.ts: exports no exercises — export const exercises = […]`);
    for (const exercise of exercises as readonly Exercise[])
      entries.push({
        ...{ exercise, module, place: entries.length },
        check: join(folder, module, `${exercise.id}.check.ts`),
        file: isCode(exercise) ? exercise.source : `answers/${module}/${exercise.id}.ts`,
      });
  }
  return { root: base, folder, modules, entries };
}

/** Our source, and the region of an exercise in it. */
export function solutionOf(
  { root }: Catalogue,
  exercise: CodeExercise,
): { readonly text: string; readonly region: Region } {
  const path = join(root, exercise.source);
  const text = existsSync(path) ? readFileSync(path, "utf8") : null;
  if (text === null) throw new Error(`${exercise.id}: ${exercise.source} — there is no such file`);
  const region = findRegion(text, exercise.id);
  if (!region)
    throw new Error(
      `${exercise.id}: ${exercise.source} has no region of that name — write // exercise: ${exercise.id} above a function, or above a statement with // stub: below it`,
    );
  return { text, region };
}

/** What the learner finds in the region: a program that says what is missing, or the one with the planted bug. */
export function startOf(catalogue: Catalogue, exercise: CodeExercise): string {
  const planted = exercise.mistakes.find(({ name }) => name === exercise.starts)?.wrong;
  if (typeof planted === "string") return planted;
  return stubOf(solutionOf(catalogue, exercise).region);
}

/** The exercises that are cut from a source, in the order of the catalogue. */
export const cutFrom = ({ entries }: Catalogue, source: string): readonly CodeExercise[] =>
  entries.map(({ exercise }) => exercise).filter((one) => isCode(one) && one.source === source) as never;

/** A source as the learner gets it: every region of an exercise holds its start. */
export function cut(catalogue: Catalogue, source: string): string {
  const ours = readFileSync(join(catalogue.root, source), "utf8");
  return cutFrom(catalogue, source).reduce((text, exercise) => {
    const region = findRegion(text, exercise.id);
    return region ? withCode(text, region, startOf(catalogue, exercise)) : text;
  }, ours);
}

/** The file that questions are answered in. */
export function answerSheet({ title, task, questions }: QuestionExercise): string {
  const lines = task.trim().split("\n");
  const asked = questions.map(
    ({ name, ask, unit }) => `/** ${ask}${unit ? ` In ${unit}.` : ""} */\nexport const ${name} = NaN;\n`,
  );
  return `// ${title}\n//\n${lines.map((line) => `// ${line}`.trimEnd()).join("\n")}\n\n${asked.join("\n")}`;
}

/** The file of an exercise as the learner gets it. */
export const startFile = (catalogue: Catalogue, { exercise }: Entry): string =>
  isCode(exercise) ? cut(catalogue, exercise.source) : answerSheet(exercise);

/** Markers in the sources that no exercise of the catalogue names. */
export const strays = (catalogue: Catalogue, sources: readonly string[]): string[] =>
  sources.flatMap((source) =>
    markedIn(readFileSync(join(catalogue.root, source), "utf8"))
      .filter((id) => !cutFrom(catalogue, source).some((exercise) => exercise.id === id))
      .map((id) => `${source}: // exercise: ${id}`),
  );

export { codeOf };
