import { realpathSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError, type Option } from "commander";

/** What every example understands. */
export interface ExampleOptions {
  /** A shorter run with the same structure, for tests and continuous integration. */
  quick: boolean;
  /** Seed of all randomness, an integer ≥ 0. */
  seed: number;
  /** Print the results as one JSON object on the last line of standard output. */
  json: boolean;
}

/** What `finish` reports: `misses` names every missed target in words; empty means success. */
export interface Outcome {
  json: boolean;
  result: Readonly<Record<string, unknown>>;
  misses: readonly string[];
  /** Printed instead of the result's keys and values. */
  summary?: string;
}

export const DEFAULT_SEED = 1337;

/**
 * Reads the command line of an example and prints the seed in use.
 *
 * Bad flags end the process with exit code 2 (1 is kept for a missed target); `--help` ends it with 0.
 *
 *   const { quick, seed, json } = exampleOptions("xor", "XOR with the scalar engine");
 *   const { out } = exampleOptions<{ out: string }>("start", "…", [new Option("--out <dir>", "…").default("out")]);
 */
export function exampleOptions<Extra extends object = object>(
  name: string,
  description: string,
  extra: readonly Option[] = [],
): ExampleOptions & Extra {
  const command = commandFor(name, description, extra);
  const args = process.argv.slice(2);
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) process.exit(0);
    refuse(explain(error, [name, ...args].join(" "), command));
  }
  const options = Object.assign({ quick: false, json: false }, command.opts<ExampleOptions & Extra>());
  console.log(`${name}: seed ${options.seed}${options.quick ? ", quick" : ""}`);
  return options;
}

/** Ends the process over a bad call: the message on standard error, exit code 2. */
export function refuse(message: string): never {
  writeSync(2, `${message}\n`); // synchronously: process.exit does not wait for a pipe
  process.exit(2);
}

/** True in the module that node was started with, so that importing an example does not run it. */
export function isMain(moduleUrl: string): boolean {
  const script = process.argv[1];
  if (script === undefined) return false;
  try {
    return realpathSync(script) === realpathSync(fileURLToPath(moduleUrl));
  } catch {
    return false; // `node -e`, or a script that is no file
  }
}

/** `[]` when value ≥ target, else the miss in words. NaN misses every target. */
export function atLeast(what: string, value: number, target: number): string[] {
  return value >= target ? [] : [`${what} is ${value}, the target is at least ${target}`];
}

/** `[]` when value ≤ target, else the miss in words. NaN misses every target. */
export function atMost(what: string, value: number, target: number): string[] {
  return value <= target ? [] : [`${what} is ${value}, the target is at most ${target}`];
}

/** Prints the summary and sets the exit code: 1 if a target was missed. Call it last: nothing may follow the JSON line. */
export function finish({ json, result, misses, summary = listing(result) }: Outcome): void {
  console.log(summary);
  for (const miss of misses) console.log(`missed: ${miss}`);
  if (json) console.log(JSON.stringify({ ...result, misses }, keepNonFinite));
  if (misses.length > 0) process.exitCode = 1;
}

function commandFor(name: string, description: string, extra: readonly Option[]): Command {
  const command = new Command(name)
    .description(description)
    .option("--quick", "a shorter run for tests and continuous integration")
    .option("--seed <n>", "seed of all randomness, an integer ≥ 0", integer, DEFAULT_SEED)
    .option("--json", "print the results as one JSON object on the last line")
    .exitOverride()
    .configureOutput({ outputError: () => {} }); // `explain` words the errors
  for (const option of extra) command.addOption(option);
  return command;
}

function integer(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("Expected an integer from 0 to 2^53 - 1");
  }
  return value;
}

/** One line: the call as typed, what is wrong with it, and the flags there are. */
function explain(error: CommanderError, call: string, command: Command): string {
  const problem = error.message
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
  const known = [...command.options.map((option) => option.flags), "-h, --help"];
  return `${call}: ${problem} — known flags: ${known.join(" · ")}`;
}

function listing(result: Outcome["result"]): string {
  const width = Math.max(0, ...Object.keys(result).map((key) => key.length));
  return Object.entries(result)
    .map(([key, value]) => `${key.padEnd(width)}  ${readable(value)}`)
    .join("\n");
}

/** A value for people: five significant digits, JSON for lists and objects. */
export function readable(value: unknown): string {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(5)));
  return typeof value === "object" ? JSON.stringify(value, keepNonFinite) : String(value);
}

/** JSON has no NaN and would say null; a diverged loss should be seen. */
function keepNonFinite(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
