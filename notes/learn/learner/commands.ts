import { confirm, isCancel } from "@clack/prompts";
import { type Command, InvalidArgumentError } from "commander";
import { grade } from "./grade.ts";
import { info } from "./info.ts";
import { Learn, type LearnOptions } from "./learn.ts";
import { milestoneList, milestoneRun } from "./milestones.ts";
import type { Screen } from "./text.ts";
import { check, diff, explain, hint, init, list, note, reset, status } from "./verbs.ts";
import { watchExercises } from "./watcher.ts";

function whole(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`${text} is no whole number.`);
}

/** The verbs of a learner. */
export function addVerbs(
  program: Command,
  options: LearnOptions,
  screen: Screen,
  set: (code: number) => void,
): void {
  /** Opens the exercises for one command, and closes them whatever happens. */
  const using = async (act: (learn: Learn) => number | Promise<number>): Promise<void> => {
    await using learn = await Learn.open(options);
    set(await act(learn));
  };
  addChecks(program, screen, using);
  program
    .command("init")
    .description("makes workspace/ and shows where to begin")
    .action(() => using((learn) => init(learn, screen)));
  program
    .command("hint [id]")
    .description("a hint; each call shows one more")
    .option("--level <1..4>", "up to this one", whole)
    .action((id: string | undefined, { level }: { level?: number }) =>
      using((learn) => hint(learn, screen, id, level)),
    );
  program
    .command("diff [id]")
    .description("your code beside ours; counts as assisted")
    .action((id?: string) => using((learn) => diff(learn, screen, id)));
  program
    .command("explain <id>")
    .description("the task, and what the note says")
    .action((id: string) => using((learn) => explain(learn, screen, id)));
  program
    .command("reset [id]")
    .description("the exercise as it was at the start; keeps a backup")
    .option("--yes", "does not ask")
    .action((id: string | undefined, { yes = false }: { yes?: boolean }) =>
      using(async (learn) => {
        const { exercise } = learn.entry(id);
        return yes || (await agrees(`Take back what you wrote for ${exercise.id}? A copy is kept.`))
          ? reset(learn, screen, exercise.id)
          : 1;
      }),
    );
  program
    .command("note [id] [text...]")
    .description("writes to workspace/notes.md")
    .action((id: string | undefined, text: string[]) =>
      using((learn) => note(learn, screen, id, text.join(" "))),
    );
  program
    .command("info")
    .description("what was found on this machine")
    .action(() => using((learn) => info(learn, screen)));
  addOverviews(program, screen, using);
}

type Using = (act: (learn: Learn) => number | Promise<number>) => Promise<void>;

function addChecks(program: Command, screen: Screen, using: Using): void {
  program.action(() => using((learn) => watchExercises(learn, screen)));
  program
    .command("check [id]")
    .description("checks one exercise, or all")
    .option("--all", "every exercise")
    .option("--json", "one JSON object, or a list of them")
    .option("--seed <n>", "of what is drawn at random", whole)
    .action((id: string | undefined, flags: { all?: boolean; json?: boolean; seed?: number }) =>
      using((learn) => check(learn, screen, id, flags)),
    );
  program
    .command("test")
    .description("checks the exercises of a module")
    .requiredOption("--module <name>", "05-autograd, or autograd")
    .option("--json", "a list of JSON objects")
    .action((flags: { module: string; json?: boolean }) =>
      using((learn) => check(learn, screen, undefined, flags)),
    );
}

function addOverviews(program: Command, screen: Screen, using: Using): void {
  program
    .command("list")
    .description("all exercises")
    .option("--json", "as JSON")
    .action(({ json }: { json?: boolean }) => using((learn) => list(learn, screen, json)));
  program
    .command("status")
    .description("how far you are")
    .option("--json", "as JSON")
    .action(({ json }: { json?: boolean }) => using((learn) => status(learn, screen, json)));
  program
    .command("grade")
    .description("points by module")
    .option("--json", "as JSON")
    .option("--csv", "as a table for a spreadsheet")
    .action(({ json, csv }: { json?: boolean; csv?: boolean }) =>
      using((learn) => grade(learn, screen, json ? "json" : csv ? "csv" : "text")),
    );
  const milestone = program.command("milestone").description("networks that learn with your code");
  milestone
    .command("list")
    .description("what there is")
    .action(() => using((learn) => milestoneList(learn, screen)));
  milestone
    .command("run [id]")
    .description("trains, and shows the picture")
    .action((id?: string) => using((learn) => milestoneRun(learn, screen, id, false)));
  milestone
    .command("verify [id]")
    .description("which are reached")
    .action((id?: string) => using((learn) => milestoneRun(learn, screen, id, true)));
}

/** Asks where there is somebody to ask; a script says --yes. */
async function agrees(message: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const answer = await confirm({ message, initialValue: false });
  return !isCancel(answer) && answer;
}
