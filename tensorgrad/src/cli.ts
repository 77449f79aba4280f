import { Command, CommanderError } from "commander";
import { onBlasWarning } from "./00-runtime/index.ts";
import { examine, render } from "./doctor.ts";

/** Runs `npx tensorgrad <arguments>`; returns the exit code: 0, or 2 for a bad call. */
export async function main(
  args: readonly string[],
  print: (line: string) => void = console.log,
  printError: (text: string) => void = (text) => process.stderr.write(text),
): Promise<number> {
  const program = new Command("tensorgrad")
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
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}
