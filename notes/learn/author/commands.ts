import type { Command } from "commander";
import type { LearnOptions } from "../learner/learn.ts";
import type { Screen } from "../learner/text.ts";
import { authorVerify } from "./command.ts";

/** The verbs of those who write exercises. */
export function addAuthorCommands(
  program: Command,
  { catalogue }: LearnOptions,
  { print }: Screen,
  set: (code: number) => void,
): void {
  const options = { print, ...(catalogue ? { catalogue } : {}) };
  const author = program.command("author").description("for those who write exercises");
  author
    .command("verify [exercise]")
    .description("proves exercises: an id, a module, or all")
    .option("--write", "writes what mistakes give to mistakes.json")
    .action(async (word: string | undefined, { write = false }: { write?: boolean }) =>
      set(await authorVerify(word, { ...options, write })),
    );
}
