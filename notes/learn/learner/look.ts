import { join } from "node:path";
import { type Entry, isCode, root } from "../engine/catalogue.ts";
import type { Learn } from "./learn.ts";
import { colored, type Screen, wrapped } from "./text.ts";

const programs = join(root, "notes/learn/programs").replaceAll("\\", "/");

/** Compares the gradients of all operations that run the exercise's code with finite differences. */
export async function gradientCheck(learn: Learn, screen: Screen, entry: Entry): Promise<void> {
  const { id } = entry.exercise;
  const say = (text: string): void => screen.print(wrapped(text, screen.width));
  if (!isCode(entry.exercise)) return say(`${id} asks for numbers: there is no gradient in it.`);
  const program = `
import { load as prepared } from "${programs}/gradients.ts";
export const load = () => prepared(${JSON.stringify(id)}, 1);`;
  const { outcome } = await learn.runProgram(entry, program, { seconds: 60 });
  if (outcome.ending !== "done")
    say(`The gradients could not be compared (${outcome.ending}): ${outcome.message ?? ""}`);
  else if (outcome.checks.length === 0) say(`No operation that has a gradient runs the code of ${id}.`);
  for (const { name, passed, message } of outcome.checks) {
    say(`${passed ? colored(screen, "green", "✓") : colored(screen, "red", "✗")} ${name}`);
    if (message) screen.print(wrapped(message, screen.width, "    "));
  }
}

/** Draws the graph that the learner's engine records into a file. */
export async function picture(learn: Learn, screen: Screen, entry: Entry): Promise<void> {
  const kind = entry.module.startsWith("00") ? "scalar" : "tensor";
  const file = `.learn/pictures/${kind}.svg`;
  const program = `
import { load as prepared } from "${programs}/pictures.ts";
export const load = () => prepared(${JSON.stringify(kind)}, ${JSON.stringify(learn.workspace.path(file))});`;
  const { outcome } = await learn.runProgram(entry, program, { seconds: 20 });
  const failed = outcome.checks.find(({ passed }) => !passed);
  const complaint = failed?.message ?? (outcome.ending === "done" ? null : outcome.message);
  screen.print(
    wrapped(
      complaint ? `There is no graph to draw: ${complaint}` : `The graph of your code: workspace/${file}`,
      screen.width,
    ),
  );
}
