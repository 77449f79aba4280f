import type { Command } from "commander";
import { writeDurablySync } from "../00-runtime/node.ts";
import {
  type Comparison,
  compareRuns,
  findRun,
  listRuns,
  type Replay,
  type Run,
  type RunSummary,
  replay,
  replayed,
  runPage,
  type Unreadable,
} from "../07-training/node.ts";

import { aligned } from "./aligned.ts";
import { printable } from "./printable.ts";

type Print = (line: string) => void;

interface Options {
  readonly folder: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly yes?: boolean;
  readonly out?: string;
}

/** Puts a question to whoever sits at the terminal; null where nobody does. */
export type Ask = (question: string) => Promise<boolean | null>;

export async function askOnTerminal(question: string): Promise<boolean | null> {
  if (!process.stdin.isTTY) return null;
  const { createInterface } = await import("node:readline/promises");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}

/** Where a command's words go. `done` is told the exit code. */
interface Outlets {
  readonly print: Print;
  readonly progress: Print;
  readonly ask: Ask;
  readonly done: (code: number) => void;
}

/** `tensorgrad runs list|compare|report|replay`: looks at the folders that experiments leave. */
export function addRuns(program: Command, { print, progress, ask, done }: Outlets): void {
  const runs = program.command("runs").description("trainings that an Experiment has recorded");
  const command = (name: string, what: string): Command =>
    runs
      .command(name)
      .description(what)
      .option("--folder <path>", "where the folders of runs are", "runs")
      .option("--json", "print one JSON object");
  const show = <T>(json: boolean | undefined, value: T, render: (value: T) => string): void =>
    print(json ? JSON.stringify(value, null, 2) : render(value));

  command("list", "all runs: when, with which seed, how far, how good").action(({ folder, json }: Options) =>
    show(json, listRuns(folder), renderList),
  );
  command("compare", "where configurations and environments differ, and the results side by side")
    .argument("<ids...>", "two runs or more; the beginning of an id is enough")
    .action((ids: string[], { folder, json }: Options) => {
      show(json, compareRuns(ids.map((id) => findRun(folder, id))), renderComparison);
    });
  command("report", "one run as a page: results, curves, configuration, environment")
    .argument("<id>", "the run; the beginning of its id is enough")
    .option("--out <file>", "where the page goes; <id>.html by default")
    .action((id: string, { folder, json, out }: Options) => {
      const run = findRun(folder, id);
      const path = out ?? `${run.record.id}.html`;
      writeDurablySync(path, runPage(run));
      show(json, { id: run.record.id, page: path }, ({ page }) => `${page} is written`);
    });
  command("replay", "runs the recorded program again: are all numbers the same? Exit code 1 if not")
    .argument("<id>", "the run; the beginning of its id is enough")
    .option("--quiet", "without the program's own output")
    .option("--yes", "without asking whether to run the recorded command")
    .action(async (id: string, { folder, json, quiet, yes }: Options) => {
      const run = findRun(folder, id);
      if (!yes) await confirm(run, progress, ask);
      const onOutput = json || quiet ? () => {} : progress;
      const result = await replay(run, { onOutput });
      show(json, result, renderReplay);
      done(result.identical ? 0 : 1);
    });
}

/**
 * A folder of runs may come from anywhere, and its command may do anything: nothing is run unseen.
 *
 * Throws    RangeError if the answer is no, or nobody is there to give one
 */
async function confirm(run: Run, show: Print, ask: Ask): Promise<void> {
  const { command, folder, variables } = replayed(run);
  const words = [
    ...Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`),
    ...command.map(quoted),
  ];
  show(`in ${printable(folder)}:\n  ${words.map((word) => printable(word)).join(" ")}\n`);
  const answer = await ask("run this command? [y/N] ");
  if (answer) return;
  const why = answer === null ? "nobody is there to ask whether to run this command" : "not run";
  throw new RangeError(`runs replay ${run.record.id}: ${why} — read it, then pass --yes`);
}

/** As a shell would need it. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** One line for each run, damaged ones included: they take up a place, and one may want to know why. */
function renderList(runs: readonly (RunSummary | Unreadable)[]): string {
  const rows = runs.map((run) => {
    if ("error" in run) return [run.id, "", "", "", "", "unreadable", run.error];
    const { id, started, seed, epochs, steps, status, reason } = run;
    const why = status === "stopped" || status === "failed" ? `${status}: ${clip(reason ?? "", 60)}` : status;
    return [
      id,
      started.slice(0, 16).replace("T", " "),
      String(seed),
      String(epochs),
      String(steps),
      why,
      best(run),
    ];
  });
  const notes = runs.flatMap((run) => ("note" in run && run.note ? [`note: ${run.note}`] : []));
  return [
    aligned([["id", "started (UTC)", "seed", "epochs", "steps", "status", "best (epoch)"], ...rows]),
    ...notes,
  ].join("\n");
}

/** Of the validation where there was one. */
function best({ best: all }: RunSummary): string {
  const validated = all.filter(({ name }) => name.startsWith("validation."));
  return (validated.length ? validated : all)
    .map(({ name, value, epoch }) => `${name.split(".").slice(1).join(".")} ${short(value)} (${epoch})`)
    .join(", ");
}

/** First what was different, then what came of it. */
function renderComparison({ ids, notes, ...parts }: Comparison): string {
  const titles: [keyof typeof parts, string, string][] = [
    ["config", "Configuration, where it differs", "the configurations are equal"],
    ["environment", "Environment, where it differs", "the environments are equal"],
    ["best", "Best of all epochs", "no epoch was finished"],
    ["last", "Last epoch", "no epoch was finished"],
  ];
  const sections = titles.map(([part, title, none]) => {
    const rows = Object.entries<readonly unknown[]>(parts[part]).map(([key, values]) => [
      key,
      ...values.map(shown),
    ]);
    return `${title}\n${rows.length ? aligned([["", ...ids], ...rows], "  ") : `  ${none}`}`;
  });
  return [...sections, ...notes.map((note) => `note: ${note}`)].join("\n\n");
}

/** The verdict comes first, on a line of its own, for people and for grep. */
function renderReplay({ id, identical, steps, epochs, difference, notes }: Replay): string {
  const verdict = identical
    ? `${id}: identical, ${steps} steps and ${epochs} epochs`
    : difference
      ? `${id}: different at ${difference.at}: ${difference.key} was ${difference.recorded}, is now ${difference.replayed}`
      : `${id}: nothing to compare`;
  return [verdict, ...notes.map((note) => `note: ${note}`)].join("\n");
}

/** A dash for what a run does not have. */
const shown = (value: unknown): string =>
  value === undefined ? "–" : typeof value === "number" ? short(value) : clip(JSON.stringify(value), 40);

/** Enough digits to tell runs apart; all of them are in --json. */
const short = (value: number): string =>
  String(Number.isInteger(value) ? value : Number(value.toPrecision(5)));

const clip = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;
