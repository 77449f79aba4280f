import { join } from "node:path";
import { type Entry, isCode, root } from "../engine/catalogue.ts";
import { type Learn, UsageError } from "./learn.ts";
import { colored, type Screen, wrapped } from "./text.ts";

export interface Milestone {
  readonly id: string;
  readonly title: string;
  /** The last module whose code runs in it. */
  readonly after: string;
  readonly seeds: readonly number[];
  /** Of the seeds, this many have to reach it. */
  readonly need: number;
}

/** Behaviour, not code: a network of the learner's own parts has to learn. */
export const milestones: readonly Milestone[] = [
  { id: "xor", title: "Exclusive or with your scalar engine", after: "00", seeds: [1, 2, 3, 4, 5], need: 4 },
  { id: "moons", title: "Two moons with your layers and optimizer", after: "07", seeds: [1, 2, 3], need: 3 },
  {
    id: "sequence",
    title: "A GPT of yours finds the rule of a sequence",
    after: "13",
    seeds: [1, 2, 3],
    need: 2,
  },
];

const programs = join(root, "notes/learn/programs").replaceAll("\\", "/");

export interface Reached {
  readonly id: string;
  readonly passed: number;
  readonly need: number;
  readonly isReached: boolean;
  readonly picture: string;
  readonly complaints: readonly string[];
}

/** Trains with the learner's files in place of ours, once for each seed. */
export async function runMilestone(learn: Learn, { id, seeds, need, after }: Milestone): Promise<Reached> {
  const program = `
import { load as prepared } from "${programs}/milestones.ts";
export const load = () => prepared(${JSON.stringify(id)}, ${JSON.stringify(seeds)});`;
  const { outcome } = await learn.runProgram(learn.lastUpTo(after), program, { seconds: 60 });
  const passed = outcome.checks.filter((check) => check.passed).length;
  const complaints = outcome.checks
    .filter((check) => !check.passed)
    .map(({ name, message }) => `${name}: ${message}`);
  if (outcome.ending !== "done") complaints.push(`${outcome.ending}: ${outcome.message ?? "it did not end"}`);
  const isReached = passed >= need && outcome.ending === "done";
  return { id, passed, need, isReached, picture: outcome.printed.trimEnd(), complaints };
}

/** Exercises before a milestone that have not passed: where nothing is written, our code runs. */
const openBefore = (learn: Learn, after: string): readonly Entry[] =>
  learn.entries.filter((entry) => entry.module.slice(0, 2) <= after && learn.standing(entry) !== "passed");

export function milestoneList(learn: Learn, screen: Screen): 0 {
  for (const { id, title, after, seeds, need } of milestones) {
    const open = openBefore(learn, after);
    const state = open.length === 0 ? "yours to run" : `${open.length} exercises before it`;
    screen.print(wrapped(`${id}: ${title}; ${need} of ${seeds.length} seeds, ${state}`, screen.width));
  }
  return 0;
}

/** Runs one or all; `verify` says only which are reached. */
export async function milestoneRun(
  learn: Learn,
  screen: Screen,
  id: string | undefined,
  isBrief: boolean,
): Promise<0 | 1> {
  const chosen = milestones.filter((one) => id === undefined || one.id === id);
  if (chosen.length === 0)
    throw new UsageError(`milestone ${id}: there are ${milestones.map((one) => one.id).join(", ")}`);
  let code: 0 | 1 = 0;
  for (const milestone of chosen) {
    const reached = await runMilestone(learn, milestone);
    const ours = openBefore(learn, milestone.after).filter(({ exercise }) => isCode(exercise)).length;
    if (!reached.isReached || ours > 0) code = 1;
    const sign = reached.isReached ? colored(screen, "green", "✓") : colored(screen, "red", "✗");
    screen.print(
      `${sign} ${milestone.id}: ${reached.passed} of ${milestone.seeds.length} seeds, ${milestone.need} needed`,
    );
    if (ours > 0)
      screen.print(
        wrapped(`Not yours yet: ${ours} exercises before it have not passed.`, screen.width, "    "),
      );
    if (isBrief) continue;
    for (const complaint of reached.complaints) screen.print(wrapped(complaint, screen.width, "    "));
    if (reached.picture) screen.print(`\n${reached.picture}\n`);
  }
  return code;
}
