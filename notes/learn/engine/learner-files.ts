import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CodeExercise } from "../exercise.ts";
import { answersFile, type Overlay } from "./bundle.ts";
import { type Catalogue, codeOf, cutFrom, type Entry, isCode, solutionOf, startOf } from "./catalogue.ts";
import { essence, findRegion, type Region } from "./regions.ts";

/** The learner's files as they take the place of ours, and where their lines come from. */
export interface Effective {
  readonly overlay: Overlay;
  /** The learner's line behind a line of the overlay, both from 1; null in a part that is ours. */
  lineOf(file: string, line: number): number | null;
}

interface Line {
  readonly text: string;
  readonly from: number | null;
}

/**
 * The learner's files for the checks of one exercise. Files of later modules stay ours, and regions of other exercises that nobody has
 * written yet, or that belong to a later module, are filled with ours: no check needs what comes after it.
 */
export function effectiveFiles(catalogue: Catalogue, entry: Entry, workspace: string): Effective {
  const texts = new Map<string, readonly Line[]>();
  for (const source of sourcesUpTo(catalogue, entry)) {
    const path = join(workspace, source);
    if (existsSync(path)) texts.set(source, filled(catalogue, entry, source, readFileSync(path, "utf8")));
  }
  for (const file of extraFiles(catalogue, workspace))
    texts.set(file, linesOf(readFileSync(join(workspace, file), "utf8")));
  if (!isCode(entry.exercise) && existsSync(join(workspace, entry.file)))
    texts.set(answersFile, linesOf(readFileSync(join(workspace, entry.file), "utf8")));
  const overlay = [...texts].map(
    ([file, lines]) => [file, lines.map(({ text }) => text).join("\n")] as const,
  );
  return { overlay: new Map(overlay), lineOf: (file, line) => texts.get(file)?.[line - 1]?.from ?? null };
}

/** Sources that exercises of this module and of those before it are cut from. */
function sourcesUpTo({ entries }: Catalogue, { module }: Entry): string[] {
  const own = entries.filter((entry) => entry.module <= module).map(({ exercise }) => exercise);
  return [...new Set(own.filter(isCode).map(({ source }) => source))];
}

const linesOf = (text: string): Line[] => text.split(/\r?\n/).map((line, i) => ({ text: line, from: i + 1 }));
const textOf = (lines: readonly Line[]): string => lines.map(({ text }) => text).join("\n");

function filled(catalogue: Catalogue, entry: Entry, source: string, text: string): readonly Line[] {
  let lines: readonly Line[] = linesOf(text);
  for (const exercise of cutFrom(catalogue, source)) {
    const region = findRegion(textOf(lines), exercise.id);
    if (!region) continue;
    if (isOurs(catalogue, entry, exercise, codeOf(textOf(lines), region))) {
      const ours = solutionOf(catalogue, exercise);
      lines = replaced(lines, region, codeOf(ours.text, ours.region));
    }
    lines = watched(lines, region);
  }
  return lines;
}

function isOurs(catalogue: Catalogue, entry: Entry, exercise: CodeExercise, code: string): boolean {
  if (exercise.id === entry.exercise.id) return false;
  const owner = catalogue.entries.find((one) => one.exercise.id === exercise.id)!;
  return owner.module > entry.module || essence(code) === essence(startOf(catalogue, exercise));
}

const replaced = (lines: readonly Line[], { from, to }: Region, code: string): readonly Line[] => [
  ...lines.slice(0, from),
  ...code.split("\n").map((text) => ({ text, from: null })),
  ...lines.slice(to),
];

/** Says that a region ran, on the line before it, so that no line moves. */
function watched(lines: readonly Line[], { id, from, kind }: Region): readonly Line[] {
  const note = `globalThis.learnRan?.add(${JSON.stringify(id)});`;
  const at = kind === "body" ? from - 1 : from;
  const { text } = lines[at] ?? { text: "" };
  const marked = kind === "body" ? `${text} ${note}` : `${note} ${text}`;
  return lines.map((line, i) => (i === at ? { text: marked, from: line.from } : line));
}

/** TypeScript files that the learner added beside the given ones. */
function extraFiles({ entries }: Catalogue, workspace: string): string[] {
  if (!existsSync(workspace)) return [];
  const given = new Set(entries.map(({ file }) => file));
  return readdirSync(workspace, { encoding: "utf8", recursive: true })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !/^(\.learn|answers)\//.test(file) && !given.has(file));
}
