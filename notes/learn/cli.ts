import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { addAuthorCommands } from "./author/commands.ts";
import { BundleError } from "./engine/bundle.ts";
import { buildKernels } from "./engine/kernels.ts";
import { addVerbs } from "./learner/commands.ts";
import type { LearnOptions } from "./learner/learn.ts";
import { UsageError } from "./learner/learn.ts";
import { type Screen, screenOf, wrapped } from "./learner/text.ts";
import { WorkspaceError } from "./learner/workspace.ts";

/** Reads the arguments and does what they ask for; 0 passed, 1 not yet, 2 called wrongly. */
export async function main(
  args: readonly string[],
  options: LearnOptions = {},
  screen: Screen = screenOf(),
): Promise<number> {
  let code = 0;
  const set = (result: number): void => {
    code = result;
  };
  const program = new Command("learn")
    .description(
      "Exercises cut from the libraries' own sources. Without a command: shows one, and checks it on save.",
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => screen.print(text.trimEnd()),
      writeErr: (text) => screen.print(text.trimEnd()),
    });
  addVerbs(program, options, screen, set);
  addAuthorCommands(program, options, screen, set);
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof UsageError || error instanceof WorkspaceError || error instanceof BundleError))
      throw error;
    screen.print(wrapped(`learn: ${error.message}`, screen.width));
    return error instanceof BundleError ? 1 : 2;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  buildKernels();
  process.exitCode = await main(process.argv.slice(2));
}
