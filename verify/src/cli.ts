import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { FormatError } from "tensorgrad";
import { readCounterexample, replay, saveCounterexample } from "./gradients/counterexamples.ts";
import { addOnnxCommands } from "./onnx/command.ts";
import { fileParityCommand } from "./onnx/file-command.ts";
import { MissingRuntimeError } from "./parity/runtime-library.ts";
import { reportOf, writeReport } from "./report/report.ts";
import { summaryOf } from "./report/summary.ts";
import { briefOf, FULL, type Part, QUICK, type Section, type Settings } from "./section.ts";
import { verify } from "./verification.ts";

/** The flags as commander hands them over; defaults filled in, but for what depends on `--quick`. */
interface Flags {
  readonly inputs?: string;
  readonly shape?: readonly string[];
  readonly filter: string;
  readonly seed: number;
  readonly runs?: number;
  readonly quick: boolean;
  readonly json: boolean;
  readonly report?: string;
}

/** Each part can be run by itself; `all` is what a release has to pass. */
const PARTS: Readonly<Record<Part, string>> = {
  gradients: "finite differences, exact laws and the scalar engine against backward",
  kernels: "SIMD kernels against the plain loops",
  planted: "faults put in on purpose: is each one caught?",
  parity: "operations and models in ONNX Runtime",
};

/** The same numbers every time unless told otherwise: a failure in somebody's CI is one at home, too. */
export const DEFAULT_SEED = 1;

/** Reads the arguments, runs what they ask for, prints tables; returns the exit code. */
export async function main(
  args: readonly string[],
  print: (line: string) => void = console.log,
): Promise<number> {
  let code = 2;
  const program = commandLine(async (name, flags, file) => {
    code = file === undefined ? await run(name, flags, print) : await fileParityCommand(file, flags, print);
  });
  program
    .command("replay <file>")
    .description("examines a saved counterexample again")
    .action((file: string) => {
      code = again(file, print);
    });
  addOnnxCommands(program, print, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    // A file that is no counterexample, or no engine to compare with, is a bad call, not a miss.
    if (!(error instanceof FormatError || error instanceof MissingRuntimeError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

/** Runs the sections of a command, writes what was asked for and ends with the verdict: 0 all right, 1 a miss. */
async function run(name: string, flags: Flags, print: (line: string) => void): Promise<number> {
  const { filter, seed, quick, report } = flags;
  const preset = quick ? QUICK : FULL;
  const settings: Settings = { ...preset, runs: flags.runs ?? preset.runs, seed, filter };
  print(`verify ${name}: seed ${seed}, ${settings.runs} examples per row${quick ? ", quick" : ""}`);
  const started = performance.now();
  const parts = (name === "all" ? Object.keys(PARTS) : [name]) as Part[];
  const results = await verify(parts, settings, tables(print));
  const summary = summaryOf(results, filter);
  const seconds = (performance.now() - started) / 1000;
  const full = await reportOf(commandFor(name, flags), settings, results, seconds);
  if (report !== undefined) {
    const files = await writeReport(report, full);
    // Counterexamples are files of their own: each can be replayed and kept as a test.
    const kept = (results.gradients ?? []).flatMap((row) => saveCounterexample(report, row));
    for (const file of [...files, ...kept]) print(`wrote ${file}`);
  }
  print("");
  for (const line of summary.lines) print(line);
  const verdict = summary.misses.length === 0 ? "all right" : `${summary.misses.length} missed`;
  print(`${verdict} in ${seconds.toFixed(1)} s`);
  for (const miss of summary.misses) print(`missed: ${miss}`);
  if (flags.json) print(JSON.stringify(summary.json));
  return summary.misses.length === 0 ? 0 : 1;
}

/** Says whether a counterexample still is one. */
function again(file: string, print: (line: string) => void): number {
  const saved = readCounterexample(file);
  const finding = replay(saved);
  print(finding ? `still wrong (law: ${finding.law}): ${saved.message}` : `${saved.row}: right by now`);
  return finding ? 1 : 0;
}

/** How this program was called: from a checkout by npm's script, from an installed package by its own name. */
const CALL = import.meta.url.endsWith(".ts") ? "npm run verify --" : "npx gradverify";

/** The command that gives the same results. */
function commandFor(name: string, { seed, runs, quick, filter }: Flags): string {
  const flags = [
    `--seed ${seed}`,
    ...(quick ? ["--quick"] : []),
    ...(runs === undefined ? [] : [`--runs ${runs}`]),
    ...(filter ? [`--filter ${JSON.stringify(filter)}`] : []),
  ];
  return [CALL, name, ...flags].join(" ");
}

/** Every command takes the same flags, so they are said once. */
function commandLine(ask: (name: string, flags: Flags, file?: string) => Promise<void>): Command {
  const program = new Command("gradverify")
    .description("Proves gradients, kernels and exports; exit code 1 on any miss, 2 on a bad call.")
    .exitOverride()
    .showHelpAfterError("(gradverify --help lists commands and flags)");
  for (const [name, about] of Object.entries({ ...PARTS, all: "everything" })) {
    const command = program.command(name).description(about);
    if (name === "parity") takingFiles(command);
    command
      .option("--filter <text>", "only what has this in its name", "")
      .option("--seed <integer>", "seed of all randomness", integer("--seed", 0), DEFAULT_SEED)
      .option(
        "--runs <count>",
        `examples per row (default: ${FULL.runs}, quick: ${QUICK.runs})`,
        integer("--runs", 1),
      )
      .option("--quick", "fewer examples, directions and seeds", false)
      .option("--json", "one JSON object on the last line", false)
      .option("--report <dir>", "write index.html, parity.html, parity.md and parity.json there")
      .allowExcessArguments(false)
      .action((...given: unknown[]) => {
        const [flags, file] = (name === "parity" ? [given[1], given[0]] : given) as [Flags, string?];
        return ask(name, flags, name === "parity" ? file : undefined);
      });
  }
  return program;
}

/** Parity of a file of anybody's, in place of our own models. */
const takingFiles = (command: Command): Command =>
  command
    .argument("[file]", "an ONNX file: its outputs here and in ONNX Runtime, node by node")
    .option("--inputs <file.npz>", "of that file, by name; those that are missing are drawn")
    .option("--shape <name=sizes...>", "of an input whose sizes the file leaves open: x=1,3,64,64");

/** Reads a flag; "1e3", "-1" and "2.5" are typing errors rather than numbers to be rounded. */
const integer = (flag: string, least: number) => (text: string) => {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least && value < 2 ** 31) return value;
  throw new InvalidArgumentError(
    `${flag} takes an integer from ${least} to ${2 ** 31 - 1}, got ${JSON.stringify(text)}.`,
  );
};

/** Prints results as lines of plain tables, as they come; a section without lines is not worth its title. */
function tables(print: (line: string) => void) {
  const widths = [34, 12, 12, 12, 10, 20];
  const line = (cells: readonly string[], heads: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(Math.max(widths[i] ?? 0, heads[i]?.length ?? 0)))
      .join(" ")
      .trimEnd();
  let current: Section<unknown> | null = null;
  return (section: Section<unknown>, row: unknown) => {
    const { brief, title } = section;
    if (section !== current) for (const text of ["", title, `     ${line(brief, brief)}`]) print(text);
    current = section;
    const complaint = section.wrong(row);
    print(`${complaint === null ? "ok  " : "MISS"} ${line(briefOf(section, row), brief)}`);
    if (complaint !== null) print(complaint.replaceAll(/^/gm, "       "));
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
