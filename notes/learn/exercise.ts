/**
 * What an exercise is. Each one stands in two files of `exercises/NN-module/`: `<id>.ts` says what to do, `<id>.check.ts`
 * proves that it was done; `index.ts` beside them lists the module's exercises in their order.
 */

/** What the learner's answers to questions are: a number each, under the question's name. */
export type Answers = Readonly<Record<string, number>>;

/**
 * The checks of an exercise, by what they say. Exported by `<id>.check.ts` as `checks`.
 *
 * A check imports the library by its name (`tensorgrad`, `micrograd`), throws (node:assert) where the learner's code is wrong, and
 * gets the learner's answers if there are questions. Every check fails on the stub, and each fails on at least one listed mistake.
 */
export type Checks = Readonly<Record<string, (answers: Answers) => void | Promise<void>>>;

/**
 * The right answers, where there are questions: exported by `<id>.check.ts` as `solution`, best as a function that measures or computes
 * them. A mistake's wrong answers take the place of these, name by name.
 */
export type Solution = Answers | (() => Answers | Promise<Answers>);

/**
 * What the learner's code gives on fixed inputs. Exported by `<id>.check.ts` as `probes`, where there are mistakes in code: what
 * each mistake gives was written down, and the one that gives the same is named. An input that throws gives its message.
 */
export type Probes = () => readonly (number | string | boolean | null)[];

/** Question · the idea, and where to read · the formula or the table of shapes · pseudo-code. */
export type Hints = readonly [question: string, idea: string, formula: string, pseudocode: string];

/** A wrong solution that people write, and the sentence that helps them on. */
export interface Mistake {
  /** Short, in plain words: "assigned instead of added". */
  readonly name: string;
  /** What the region holds with this mistake in it; for questions, the wrong answers. */
  readonly wrong: string | Answers;
  /** What went wrong and where to look, without the solution. */
  readonly says: string;
  /** The fault of the same meaning among those that `verify` plants, by its name there. */
  readonly fault?: string;
}

export interface Question {
  /** The name of the constant that the learner fills in. */
  readonly name: string;
  readonly ask: string;
  readonly unit?: string;
}

interface Described {
  /** `mul-backward`: unique, in kebab case. */
  readonly id: string;
  readonly title: string;
  /** Points of a module add up to 100: 75 implementation, 15 systems, 10 reflection. */
  readonly points: number;
  readonly part: "implementation" | "systems" | "reflection";
  /** The page to read, and its heading: `05-autograd#the-walk`. */
  readonly note: string;
  /** What to do, in Markdown, a few sentences. */
  readonly task: string;
  readonly hints: Hints;
  readonly mistakes: readonly Mistake[];
}

/**
 * Code to write. The solution is a region of a real source file: the line `// exercise: <id>` stands above a function or a method,
 * and the region is its body, or above one statement that a line `// stub: <code>` follows, which is what the learner finds in its place.
 */
export interface CodeExercise extends Described {
  readonly kind: "write" | "derive" | "find";
  /** The file with the region, from the project's root. */
  readonly source: string;
  /** For "find": the name of the mistake that the learner's file starts with. */
  readonly starts?: string;
}

/** Numbers to say before they are measured, or after reading. */
export interface QuestionExercise extends Described {
  readonly kind: "predict" | "read";
  readonly questions: readonly Question[];
}

export type Exercise = CodeExercise | QuestionExercise;
