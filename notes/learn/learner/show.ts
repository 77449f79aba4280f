import { type Entry, isCode } from "../engine/catalogue.ts";
import type { Place } from "../engine/outcome.ts";
import { colored, type Screen, wrapped } from "./text.ts";
import type { Verdict } from "./verdict.ts";

const at = (place: Place | null): string => (place ? `workspace/${place.file}:${place.line}` : "");

/** What an ending means to whoever wrote the code. */
const endings: Readonly<Record<Verdict["ending"], string>> = {
  done: "",
  build: "The file cannot be read",
  load: "An error outside of the checks",
  time: "It does not end: stopped",
  memory: "It takes more and more memory: stopped",
  exit: "process.exit was called: checks have to come to their end",
  await: "It awaits something that never comes",
  crash: "The process crashed",
};

export function showVerdict(screen: Screen, entry: Entry, verdict: Verdict): void {
  const { print, width } = screen;
  const say = (text: string, indent = ""): void => print(wrapped(text, width, indent));
  if (verdict.printed.trim()) say(verdict.printed.trimEnd(), "  │ ");
  for (const { name, passed, message, at: place } of verdict.checks) {
    print(wrapped(`${colored(screen, passed ? "green" : "red", passed ? "✓" : "✗")} ${name}`, width));
    if (!passed && message) say(message, "    ");
    if (!passed && place) print(colored(screen, "dim", `    ${at(place)}`));
  }
  if (verdict.ending !== "done") {
    say(
      `${colored(screen, "red", "✗")} ${endings[verdict.ending]}${verdict.message ? `: ${verdict.message}` : ""}`,
    );
    if (verdict.at) print(colored(screen, "dim", `    ${at(verdict.at)}`));
    if (verdict.code) print(`    ${verdict.code.trim()}`);
  } else if (verdict.message) say(verdict.message);
  if (verdict.mistake)
    say(
      `\n${colored(screen, "yellow", `This looks like: ${verdict.mistake.name}.`)} ${verdict.mistake.says}`,
    );
  if (verdict.changedChecks)
    say(
      `\nThe checks of ${entry.exercise.id} were edited: what they say proves nothing, and is not remembered. git restore gives them back.`,
    );
  const { id, points } = entry.exercise;
  const took = colored(screen, "dim", `(${verdict.milliseconds} ms)`);
  if (verdict.passed) print(`\n${colored(screen, "green", `${id} passed`)}, ${points} points ${took}`);
  else print(`\n${id}: not yet ${took}`);
}

export function showTask(screen: Screen, entry: Entry, total: number): void {
  const { exercise, module, place } = entry;
  const { print, width } = screen;
  print(wrapped(colored(screen, "bold", `${place + 1}/${total} ${exercise.title}`), width));
  print(colored(screen, "dim", wrapped(`${module} · ${exercise.id} · ${exercise.points} points`, width)));
  print("");
  print(wrapped(exercise.task, width));
  if (!isCode(exercise))
    for (const { name, ask, unit } of exercise.questions)
      print(wrapped(`${name}: ${ask}${unit ? ` In ${unit}.` : ""}`, width, "  "));
  print("");
  print(wrapped(`Write in   workspace/${entry.file}`, width));
  print(wrapped(`Read       notes/${exercise.note.replace("#", ".md#")}`, width));
}
