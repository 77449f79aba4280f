import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BundleError, type Bundler } from "../engine/bundle.ts";
import { type Catalogue, codeOf, type Entry, isCode, solutionOf, startOf } from "../engine/catalogue.ts";
import { isPassed, type Outcome } from "../engine/outcome.ts";
import { manyAnswers, manyPrograms, oneProgram, type Program, throwing } from "../engine/programs.ts";
import type { Runner } from "../engine/runner.ts";
import type { Answers, Mistake } from "../exercise.ts";
import { hashOf, isSame, type Recorded, readMistakes, rounded } from "./probes.ts";

export interface Tools {
  readonly catalogue: Catalogue;
  readonly bundler: Bundler;
  readonly runner: Runner;
}

export interface Verified {
  readonly id: string;
  readonly complaints: readonly string[];
  /** What the mistakes give, as `mistakes.json` holds it. */
  readonly recorded: Recorded;
  /** How many of the listed mistakes are recognized by what they give. */
  readonly named: number;
  readonly seconds: number;
}

/** Long enough for a busy machine: what is verified is meant to end. */
const patience = { seconds: 20 };

/**
 * Proves an exercise: the solution passes, the stub and a file that throws fail every check, every mistake fails, every check finds one of them,
 * and what they give on the probes tells them apart.
 */
export async function verifyExercise(tools: Tools, entry: Entry): Promise<Verified> {
  const began = performance.now();
  const { exercise } = entry;
  const { mistakes } = exercise;
  const [solution, stub, ...wrong] = await variants(tools, entry);
  const broken = await runProgram(tools, throwing(tools.catalogue, entry));
  const probes = Object.fromEntries(mistakes.map(({ name }, i) => [name, rounded(wrong[i].probes ?? [])]));
  const complaints = [
    ...aboutSolution(solution),
    ...aboutStub(stub, solution),
    ...(passing(broken).length > 0 ? [`a file that throws passes ${quoted(passing(broken))}`] : []),
    ...mistakes.flatMap((mistake, i) => aboutMistake(mistake, wrong[i])),
    ...aboutChecks(solution, wrong),
    ...(isCode(exercise) ? aboutProbes(mistakes, wrong, solution) : aboutAnswers(mistakes)),
  ];
  const check = hashOf(readFileSync(entry.check, "utf8"));
  const named = mistakes.length - aboutNaming(mistakes, wrong, solution, isCode(exercise)).length;
  const recorded = { check, probes: isCode(exercise) ? probes : {} };
  return { id: exercise.id, complaints, recorded, named, seconds: (performance.now() - began) / 1000 };
}

/** The solution, the stub, and each mistake. */
async function variants(tools: Tools, entry: Entry): Promise<Outcome[]> {
  const { exercise } = entry;
  if (!isCode(exercise)) {
    const sheets = [{}, null, ...exercise.mistakes.map(({ wrong }) => wrong as Answers)];
    return await runVariants(tools, manyAnswers(entry, sheets), sheets.length);
  }
  const { text, region } = solutionOf(tools.catalogue, exercise);
  const codes = [
    codeOf(text, region),
    startOf(tools.catalogue, exercise),
    ...exercise.mistakes.map(({ wrong }) => String(wrong)),
  ];
  if (region.kind === "body") {
    try {
      return await runVariants(tools, manyPrograms(tools.catalogue, entry, codes), codes.length);
    } catch (error) {
      if (!(error instanceof BundleError)) throw error; // one of them: found below
    }
  }
  const outcomes: Outcome[] = [];
  for (const code of codes) outcomes.push(await runProgram(tools, oneProgram(tools.catalogue, entry, code)));
  return outcomes;
}

/** Two at once: one waits for the disk or for its process where the other computes. */
async function runVariants({ bundler, runner }: Tools, program: Program, count: number): Promise<Outcome[]> {
  const bundle = await bundler.bundle(program.entry, program.overlay);
  const outcomes: Outcome[] = [];
  for (let i = 0; i < count; i += 2) {
    const pair = [i, i + 1].filter((variant) => variant < count);
    outcomes.push(
      ...(await Promise.all(
        pair.map((variant) => runner.run(bundle, { ...patience, variant }, i + 2 < count)),
      )),
    );
  }
  return outcomes;
}

async function runProgram({ bundler, runner }: Tools, program: Program): Promise<Outcome> {
  try {
    const bundle = await bundler.bundle(program.entry, program.overlay);
    return await runner.run(bundle, patience, false);
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    const message = `${error.file}:${error.line}: ${error.message}\n${error.code ?? ""}`;
    const nothing = { checks: [], places: [], answers: null, probes: null, ran: [], printed: "" };
    return { ...nothing, ending: "load", message };
  }
}

const passing = ({ checks }: Outcome): string[] =>
  checks.filter(({ passed }) => passed).map(({ name }) => name);
const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");

function aboutSolution(solution: Outcome): string[] {
  if (solution.ending === "done" && solution.checks.length === 0) return ["there are no checks"];
  if (isPassed(solution)) return [];
  const failed = solution.checks.filter(({ passed }) => !passed);
  const what = failed
    .map(({ name, message, places }) => `"${name}" (${message}; ${place(places)})`)
    .join(", ");
  return [
    `the solution fails: ${what || `${solution.ending}: ${solution.message} ${place(solution.places)}`}`,
  ];
}

const place = (places: Outcome["places"]): string =>
  places
    .map(({ file, line }) => `${file}:${line}`)
    .slice(0, 2)
    .join(" < ");

const aboutStub = (stub: Outcome, solution: Outcome): string[] =>
  passing(stub)
    .filter((name) => solution.checks.some((check) => check.name === name))
    .map((name) => `the stub passes "${name}" — every check has to need the learner's code`);

function aboutMistake({ name }: Mistake, outcome: Outcome): string[] {
  if (isPassed(outcome)) return [`the mistake "${name}" passes all checks`];
  const cannotRun = outcome.ending === "load" && outcome.checks.length === 0;
  return cannotRun ? [`the mistake "${name}" cannot be run: ${outcome.message}`] : [];
}

const aboutChecks = (solution: Outcome, wrong: readonly Outcome[]): string[] =>
  solution.checks
    .filter(({ name }) => !wrong.some(({ checks }) => checks.some((one) => one.name === name && !one.passed)))
    .map(({ name }) => `the check "${name}" finds none of the listed mistakes`);

/** Pairs of programs that the probes do not tell apart. */
function aboutProbes(mistakes: readonly Mistake[], wrong: readonly Outcome[], solution: Outcome): string[] {
  if (!solution.probes) return ["there are no probes: export const probes = () => […]"];
  return aboutNaming(mistakes, wrong, solution, true);
}

function aboutNaming(
  mistakes: readonly Mistake[],
  wrong: readonly Outcome[],
  solution: Outcome,
  isCode: boolean,
): string[] {
  if (!isCode) return aboutAnswers(mistakes);
  const given = [solution, ...wrong].map(({ probes }) => rounded(probes ?? []));
  const names = ["the solution", ...mistakes.map(({ name }) => `"${name}"`)];
  return mistakes.flatMap(({ name }, i) => {
    if (wrong[i].probes === null)
      return [`the mistake "${name}" does not come to its probes (${wrong[i].ending})`];
    const twin = given.slice(0, i + 1).findIndex((other) => isSame(other, given[i + 1]));
    return twin < 0 ? [] : [`the mistake "${name}" gives the same on all probes as ${names[twin]}`];
  });
}

/** Wrong answers name a mistake if no other mistake has the same ones. */
function aboutAnswers(mistakes: readonly Mistake[]): string[] {
  const texts = mistakes.map(({ wrong }) => JSON.stringify(Object.entries(wrong).sort()));
  return mistakes.flatMap(({ name, wrong }, i) => {
    if (typeof wrong === "string") return [`the mistake "${name}" holds code — a question's hold numbers`];
    const twin = texts.indexOf(texts[i]);
    return twin === i ? [] : [`the mistake "${name}" has the same answers as "${mistakes[twin].name}"`];
  });
}

/** Writes what was found into the modules' `mistakes.json`, beside what they hold of other exercises. */
export function writeMistakes({ catalogue }: Tools, verified: readonly Verified[]): string[] {
  return catalogue.modules.flatMap((module) => {
    const ids = catalogue.entries
      .filter((entry) => entry.module === module)
      .map(({ exercise }) => exercise.id);
    const found = new Map(verified.map((one) => [one.id, one.recorded]));
    if (!ids.some((id) => found.has(id))) return [];
    const known = readMistakes(join(catalogue.folder, module));
    const all = ids.flatMap((id) => {
      const recorded = found.get(id) ?? known[id];
      return recorded ? [[id, recorded] as const] : [];
    });
    const file = join(catalogue.folder, module, "mistakes.json");
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(all), null, 1)}\n`);
    return [file];
  });
}
