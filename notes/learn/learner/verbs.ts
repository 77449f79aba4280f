import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf, type Entry, isCode, root, solutionOf } from "../engine/catalogue.ts";
import { findRegion } from "../engine/regions.ts";
import type { Exercise } from "../exercise.ts";
import { type Learn, UsageError } from "./learn.ts";
import { lineDiff, sectionOf } from "./pages.ts";
import { readProgress, updateProgress } from "./progress.ts";
import { showTask, showVerdict } from "./show.ts";
import { bar, colored, type Screen, wrapped } from "./text.ts";
import type { Verdict } from "./verdict.ts";

/** Exit codes: passed, not yet. Called wrongly is a UsageError. */
type Code = 0 | 1;

export interface CheckOptions {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly seed?: number;
  readonly module?: string;
}

/** Checks one exercise, the exercises of a module, or all. Exercises that nobody has begun are not yet. */
export async function check(
  learn: Learn,
  screen: Screen,
  id: string | undefined,
  options: CheckOptions,
): Promise<Code> {
  const entries = chosen(learn, id, options);
  const verdicts: Verdict[] = [];
  for (const entry of entries) {
    const changes = learn.ensure(entry);
    const verdict = await learn.check(entry, options.seed === undefined ? {} : { seed: options.seed });
    verdicts.push(verdict);
    if (options.json) continue;
    for (const change of changes) screen.print(wrapped(change, screen.width));
    if (entries.length === 1) showVerdict(screen, entry, verdict);
    else screen.print(`${mark(screen, verdict.passed)} ${entry.exercise.id}`);
  }
  if (options.json)
    screen.print(JSON.stringify(entries.length === 1 && id !== undefined ? verdicts[0] : verdicts, null, 1));
  const passed = verdicts.filter((verdict) => verdict.passed).length;
  if (!options.json && entries.length > 1) screen.print(`\n${passed} of ${entries.length} passed`);
  return passed === entries.length ? 0 : 1;
}

function chosen(learn: Learn, id: string | undefined, { all, module }: CheckOptions): readonly Entry[] {
  if (all && id !== undefined)
    throw new UsageError(`check ${id} --all: an exercise or all of them, not both`);
  if (module === undefined) return all ? learn.entries : [learn.entry(id)];
  const own = learn.entries.filter((entry) => entry.module === module || entry.module.slice(3) === module);
  if (own.length > 0) return own;
  throw new UsageError(`--module ${module}: there is no such module — ${learn.catalogue.modules.join(", ")}`);
}

const mark = (screen: Screen, passed: boolean): string =>
  passed ? colored(screen, "green", "✓") : colored(screen, "red", "✗");

/** An editor finds what a file imports beside it or in the sources; nothing is compiled with it. */
const forEditors = `{
  "extends": "../tsconfig.json",
  "compilerOptions": { "rootDirs": ["..", "."], "noUnusedLocals": false, "noUnusedParameters": false },
  "include": ["**/*.ts"],
  "exclude": [".learn"]
}
`;

export function init(learn: Learn, screen: Screen): Code {
  const entry = learn.current();
  if (learn.workspace.read("tsconfig.json") === null) learn.workspace.write("tsconfig.json", forEditors);
  for (const change of learn.ensure(entry)) screen.print(wrapped(change, screen.width));
  screen.print(wrapped(`Your exercises are in ${learn.workspace.folder}\n`, screen.width));
  showTask(screen, entry, learn.entries.length);
  return 0;
}

const levels = ["A question", "The idea", "The formula", "In pseudo-code"];

/** Shows the hints up to a level; without one, one more than before. */
export function hint(learn: Learn, screen: Screen, id: string | undefined, level?: number): Code {
  const { exercise } = learn.entry(id);
  if (level !== undefined && !(Number.isInteger(level) && level >= 1 && level <= 4))
    throw new UsageError(`hint --level ${level}: a level is 1, 2, 3 or 4`);
  const seen = readProgress(learn.workspace).hints[exercise.id] ?? 0;
  const upTo = level ?? Math.min(4, seen + 1);
  updateProgress(learn.workspace, ({ hints }) => ({
    hints: { ...hints, [exercise.id]: Math.max(seen, upTo) },
  }));
  for (const [i, text] of exercise.hints.slice(0, upTo).entries())
    screen.print(wrapped(`${colored(screen, "bold", `${i + 1} ${levels[i]}:`)} ${text}`, screen.width));
  if (upTo === 4)
    screen.print(
      wrapped(
        "\nThe last hint; what is left is the solution: diff shows it, and is remembered.",
        screen.width,
      ),
    );
  return 0;
}

/** The learner's code beside ours. An exercise that has not passed is marked as assisted. */
export function diff(learn: Learn, screen: Screen, id: string | undefined): Code {
  const entry = learn.entry(id);
  const { exercise } = entry;
  if (!isCode(exercise))
    throw new UsageError(`diff ${exercise.id}: it asks for numbers; there is no code to compare`);
  const isPassed = learn.standing(entry) === "passed";
  if (!isPassed)
    updateProgress(learn.workspace, ({ shown }) => ({ shown: [...new Set([...shown, exercise.id])] }));
  const { text, region } = solutionOf(learn.catalogue, exercise);
  const own = learn.workspace.read(entry.file) ?? "";
  const ownRegion = findRegion(own, exercise.id);
  screen.print(wrapped(`${exercise.id}: − yours, + ours`, screen.width));
  for (const line of lineDiff(ownRegion ? codeOf(own, ownRegion) : "", codeOf(text, region)))
    screen.print(colored(screen, line[0] === "+" ? "green" : line[0] === "-" ? "red" : "dim", line));
  if (!isPassed) screen.print(wrapped("\nFrom now on this exercise counts as assisted.", screen.width));
  return 0;
}

/** The task, and the part of the note that explains it. */
export function explain(learn: Learn, screen: Screen, id: string): Code {
  const entry = learn.entry(id);
  const [page, heading] = entry.exercise.note.split("#");
  showTask(screen, entry, learn.entries.length);
  const section = sectionOf(readFileSync(join(root, "notes", `${page}.md`), "utf8"), heading);
  screen.print(`\n${wrapped(withoutAnswer(learn, entry.exercise, section), screen.width)}`);
  return 0;
}

/** Notes show code; what is to be written here stays hidden. */
function withoutAnswer(learn: Learn, exercise: Exercise, section: string): string {
  if (!isCode(exercise)) return section;
  const { text, region } = solutionOf(learn.catalogue, exercise);
  const answer = codeOf(text, region)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.length > 15);
  return section.replace(/^```.*?^```$/gms, (code) =>
    answer.some((line) => code.includes(line)) ? "(Code, which is yours to write here.)" : code,
  );
}

const signs = { passed: "✓", stale: "~", open: "·" } as const;

export function list(learn: Learn, screen: Screen, json = false): 0 {
  const { shown, passed } = readProgress(learn.workspace);
  const rows = learn.entries.map((entry) => {
    const { id, title, points } = entry.exercise;
    const assisted = passed[id]?.assisted ?? shown.includes(id);
    return { id, title, module: entry.module, points, standing: learn.standing(entry), assisted };
  });
  if (json) screen.print(JSON.stringify(rows, null, 1));
  else
    for (const [i, { id, title, module, standing, assisted }] of rows.entries()) {
      if (rows[i - 1]?.module !== module) screen.print(colored(screen, "bold", `${i ? "\n" : ""}${module}`));
      const text = `${signs[standing]} ${id}  ${title}${assisted ? " (assisted)" : ""}`;
      screen.print(wrapped(colored(screen, standing === "passed" ? "green" : "reset", text), screen.width));
    }
  return 0;
}

/** How far the learner is, module by module. */
export function status(learn: Learn, screen: Screen, json = false): 0 {
  const modules = learn.catalogue.modules.map((module) => {
    const own = learn.entries.filter((entry) => entry.module === module);
    const standings = own.map((entry) => learn.standing(entry));
    const count = (standing: string): number => standings.filter((one) => one === standing).length;
    return { module, exercises: own.length, passed: count("passed"), stale: count("stale") };
  });
  const current = learn.current().exercise.id;
  if (json) screen.print(JSON.stringify({ current, modules }, null, 1));
  else {
    const widest = Math.max(8, Math.min(20, screen.width - 34));
    for (const { module, exercises, passed, stale } of modules) {
      const name = module.padEnd(18).slice(0, 18);
      screen.print(
        `${name} ${bar(passed, exercises, widest)} ${passed}/${exercises}${stale ? ` ~${stale}` : ""}`,
      );
    }
    screen.print(
      wrapped(
        `\nNow: ${current}.${modules.some(({ stale }) => stale) ? " ~ passed once, and changed since." : ""}`,
        screen.width,
      ),
    );
  }
  return 0;
}

export function reset(learn: Learn, screen: Screen, id: string | undefined): Code {
  const entry = learn.entry(id);
  const copy = learn.workspace.reset(learn.catalogue, entry);
  updateProgress(learn.workspace, ({ passed: { [entry.exercise.id]: _, ...passed } }) => ({ passed }));
  screen.print(
    wrapped(
      `${entry.exercise.id} is as it was at the start.${copy ? ` The old file: workspace/${copy}` : ""}`,
      screen.width,
    ),
  );
  return 0;
}

/** Appends to the learner's own notes, or shows them. */
export function note(learn: Learn, screen: Screen, id: string | undefined, text: string): Code {
  const { exercise } = learn.entry(id);
  const known = learn.workspace.read("notes.md") ?? "";
  if (!text) {
    screen.print(known || "There are no notes yet: npm run learn -- note <exercise> what you found out");
    return 0;
  }
  learn.workspace.write(
    "notes.md",
    `${known}## ${exercise.id}, ${new Date().toISOString().slice(0, 10)}\n\n${text}\n\n`,
  );
  screen.print(wrapped("Written to workspace/notes.md", screen.width));
  return 0;
}
