import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Catalogue, codeOf, type Entry, FIRST, isCode, solutionOf } from "../engine/catalogue.ts";
import { linesOfCode } from "../engine/regions.ts";
import type { Exercise } from "../exercise.ts";
import { slug } from "../learner/pages.ts";

/** What every exercise keeps to, and can be seen without running it. Each complaint is a sentence. */
export function complaintsAbout(catalogue: Catalogue, entries: readonly Entry[]): string[] {
  const modules = new Set(entries.map(({ module }) => module));
  return [
    ...twice(catalogue.entries.map(({ exercise }) => exercise.id)).map(
      (id) => `${id}: two exercises have this id`,
    ),
    ...[...modules].flatMap((module) => aboutPoints(catalogue, module)),
    ...entries.flatMap((entry) => aboutOne(catalogue, entry).map((text) => `${entry.exercise.id}: ${text}`)),
  ];
}

const twice = (ids: readonly string[]): string[] => [
  ...new Set(ids.filter((id, i) => ids.indexOf(id) !== i)),
];

const share: Readonly<Record<Exercise["part"], number>> = { implementation: 75, systems: 15, reflection: 10 };

/** Points of a module are 75 for implementation, 15 for systems analysis and 10 for reflection; exercise 0 gives none. */
function aboutPoints({ entries }: Catalogue, module: string): string[] {
  if (module === FIRST) return [];
  const own = entries.filter((entry) => entry.module === module).map(({ exercise }) => exercise);
  return Object.entries(share).flatMap(([part, due]) => {
    const points = own.filter((one) => one.part === part).reduce((sum, one) => sum + one.points, 0);
    return points === due ? [] : [`${module}: ${part} gives ${points} points — it has to be ${due}`];
  });
}

function aboutOne(catalogue: Catalogue, entry: Entry): string[] {
  const { exercise } = entry;
  const names = exercise.mistakes.map(({ name }) => name);
  return [
    ...(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(exercise.id) ? [] : ["an id is kebab case"]),
    ...(exercise.hints.length === 4 && exercise.hints.every((hint) => hint.trim())
      ? []
      : ["there are four hints"]),
    ...(names.length > 0 ? [] : ["it lists no mistake"]),
    ...twice(names).map((name) => `two mistakes are called "${name}"`),
    ...aboutNote(catalogue, exercise.note),
    ...(existsSync(entry.check) ? [] : [`${entry.check} is missing`]),
    ...(isCode(exercise)
      ? aboutCode(catalogue, entry)
      : exercise.questions.length
        ? []
        : ["it asks no question"]),
  ];
}

function aboutCode(catalogue: Catalogue, { exercise }: Entry): string[] {
  if (!isCode(exercise)) return [];
  const unwritten = exercise.mistakes.filter(({ wrong }) => typeof wrong !== "string");
  const complaints = unwritten.map(({ name }) => `the mistake "${name}" is no code`);
  if (exercise.starts && !exercise.mistakes.some(({ name }) => name === exercise.starts))
    complaints.push(`starts: there is no mistake "${exercise.starts}"`);
  if ((exercise.kind === "find") !== (exercise.starts !== undefined))
    complaints.push(`an exercise of kind "find" starts with a mistake, and no other does`);
  try {
    const { text, region } = solutionOf(catalogue, exercise);
    if (linesOfCode(codeOf(text, region)) < 3) complaints.push("the solution has less than three lines");
  } catch (error) {
    complaints.push((error as Error).message.replace(`${exercise.id}: `, ""));
  }
  return complaints;
}

/** `05-autograd#the-walk`: the page, and a heading of it. */
function aboutNote({ root }: Catalogue, note: string): string[] {
  const [page, heading] = note.split("#");
  const path = join(root, "notes", `${page}.md`);
  if (!existsSync(path)) return [`notes/${page}.md — there is no such note`];
  const slugs = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => /^#+ /.test(line))
    .map(slug);
  return heading === undefined || slugs.includes(heading)
    ? []
    : [`notes/${page}.md has no heading #${heading}; it has ${slugs.map((one) => `#${one}`).join(" ")}`];
}
