import type { Command } from "commander";
import { codeOf, readCatalogue, solutionOf } from "../engine/catalogue.ts";
import type { CodeExercise } from "../exercise.ts";
import { Learn, type LearnOptions } from "../learner/learn.ts";
import { lineDiff } from "../learner/pages.ts";
import type { Screen } from "../learner/text.ts";
import { authorVerify } from "./command.ts";
import { survivors } from "./mutate.ts";
import { newExercise } from "./new.ts";

/** The verbs of those who write exercises. */
export function addAuthorCommands(
  program: Command,
  learning: LearnOptions,
  { print }: Screen,
  set: (code: number) => void,
): void {
  const { catalogue } = learning;
  const options = { print, ...(catalogue ? { catalogue } : {}) };
  const author = program.command("author").description("for those who write exercises");
  author
    .command("verify [exercise]")
    .description("proves exercises: an id, a module, or all")
    .option("--write", "writes what mistakes give to mistakes.json")
    .action(async (word: string | undefined, { write = false }: { write?: boolean }) =>
      set(await authorVerify(word, { ...options, write })),
    );
  author
    .command("mutate <exercise>")
    .description("changes the solution in small ways, and shows what passes all checks")
    .action(async (id: string) => {
      await using learn = await Learn.open(learning);
      const entry = learn.entry(id);
      const found = await survivors(learn, entry);
      const { text, region } = solutionOf(learn.catalogue, entry.exercise as CodeExercise);
      for (const code of found) print(changedLines(codeOf(text, region), code));
      print(`${found.length} changed solutions pass all checks`);
      set(found.length > 0 ? 1 : 0);
    });
  author
    .command("new <module> <id>")
    .description("writes the files of an exercise, to be filled in")
    .requiredOption("--source <file>", "the file with the region, from the project's root")
    .action(async (module: string, id: string, { source }: { source: string }) => {
      for (const line of newExercise(catalogue ?? (await readCatalogue()), module, id, source)) print(line);
      set(0);
    });
}

const changedLines = (a: string, b: string): string =>
  lineDiff(a, b)
    .filter((line) => !line.startsWith(" "))
    .join("\n");
