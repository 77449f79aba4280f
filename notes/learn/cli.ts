import { Command } from "commander";
import { authorVerify } from "./author/command.ts";

const program = new Command("learn").description("Exercises cut from the libraries' own sources");

const author = program.command("author").description("for those who write exercises");
author
  .command("verify [exercise]")
  .description("proves exercises: an id, a module, or all")
  .option("--write", "writes what mistakes give to mistakes.json")
  .action(async (word: string | undefined, options: { write?: boolean }) => {
    process.exitCode = await authorVerify(word, options);
  });

await program.parseAsync();
