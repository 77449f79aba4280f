import { once } from "node:events";
import { Command, CommanderError } from "commander";
import { FormatError, onBlasWarning, ShapeError } from "../00-runtime/index.ts";
import { examine, render } from "./doctor.ts";
import { printable } from "./printable.ts";
import { addProfile } from "./profile.ts";
import { addRegistry } from "./registry.ts";
import { type Ask, addRuns, askOnTerminal } from "./runs.ts";
import { addServe } from "./serve.ts";

/** Runs `npx tensorgrad <arguments>`; returns the exit code: 0, 1 for a replay that differs or a damaged version, or 2 for a bad call. */
export async function main(
  args: readonly string[],
  print: (line: string) => void = console.log,
  printError: (text: string) => void = (text) => process.stderr.write(text),
  ask: Ask = askOnTerminal,
): Promise<number> {
  const program = new Command("tensorgrad")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: printError, writeOut: print });
  program
    .command("doctor")
    .description(
      "what was found on this machine (SIMD, threads, BLAS, memory, data sets, versions) and how to get more",
    )
    .option("--json", "print one JSON object")
    .action(async ({ json }: { json?: boolean }) => {
      onBlasWarning(() => {}); // the report says it
      const diagnosis = await examine();
      print(json ? JSON.stringify(diagnosis, null, 2) : render(diagnosis));
    });
  let code = 0;
  const setCode = (value: number): void => {
    code = value;
  };
  // What runs are called, and what their files say, may come from elsewhere.
  addRuns(program, {
    print: (line) => print(printable(line, "\n")),
    progress: printError,
    ask,
    done: setCode,
  });
  addProfile(program, setCode);
  addServe(program, { print, stop: toldToStop });
  addRegistry(program, (line) => print(printable(line, "\n")), setCode);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof RangeError || error instanceof FormatError || error instanceof ShapeError) {
      printError(`tensorgrad: ${printable(error.message, "\n")}\n`);
      return 2;
    }
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

/** A second signal, of either kind, ends the process at once, as it would anyway. */
async function toldToStop(): Promise<void> {
  const told = new AbortController();
  const { signal } = told;
  await Promise.race(["SIGTERM", "SIGINT"].map((name) => once(process, name, { signal })));
  told.abort();
}
