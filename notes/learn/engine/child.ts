/**
 * The process in which a learner's code runs. It waits for one job on its standard input, and reports on file 3, at once and without
 * buffers, so that a report is out before whatever ends the process. A second thread watches time and memory.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Answers, Checks } from "../exercise.ts";
import type { Job, Probe, Report } from "./wire.ts";

interface Loaded {
  readonly check: {
    readonly checks?: Checks;
    readonly probes?: () => readonly Probe[] | Promise<readonly Probe[]>;
  };
  /** The constants of the learner's file, where there are questions. */
  readonly answers: Readonly<Record<string, unknown>>;
}

const state = globalThis as {
  learnVariant?: number;
  learnSeed?: number;
  learnRan?: Set<string>;
};

const report = (line: Report): void => {
  writeSync(3, `${JSON.stringify(line)}\n`);
};
const end = process.exit.bind(process);
const turn = new Int32Array(new SharedArrayBuffer(4)); // 0: the job has not begun
let finished = false;

const watchdog = new Worker(new URL("watchdog.mjs", import.meta.url), { workerData: turn.buffer });
watchdog.unref();
watchdog.once("message", () => report({ kind: "ready" })); // it follows this thread from now on

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => {
  lines.close();
  process.stdin.destroy(); // nothing but the learner's own code keeps this process alive
  void run(JSON.parse(line) as Job);
});

async function run(job: Job): Promise<void> {
  state.learnVariant = job.variant;
  state.learnSeed = job.seed;
  state.learnRan = new Set();
  watchdog.postMessage(job);
  Atomics.store(turn, 0, 1);
  guard();
  try {
    const { load } = (await import(pathToFileURL(job.bundle).href)) as { load: () => Promise<Loaded> };
    await runChecks(await load(), job);
  } catch (error) {
    report({ kind: "load", message: messageOf(error), stack: stackOf(error) });
  }
  finished = true;
  end(0);
}

async function runChecks(loaded: Loaded, job: Job): Promise<void> {
  const answers = answersOf(loaded);
  if (answers) report({ kind: "answers", answers: printable(answers) });
  for (const [check, body] of Object.entries(loaded.check.checks ?? {})) {
    report({ kind: "begin", check });
    try {
      await body(answers ?? {});
      report({ kind: "passed", check });
    } catch (error) {
      report({ kind: "failed", check, message: messageOf(error), stack: stackOf(error) });
    }
  }
  report({ kind: "ran", regions: [...(state.learnRan ?? [])] });
  if (job.probes && loaded.check.probes)
    report({ kind: "probes", probes: await probesOf(loaded.check.probes) });
  report({ kind: "done" });
}

function answersOf({ answers }: Loaded): Answers | null {
  const numbers = Object.entries(answers).filter(([, value]) => typeof value === "number") as [
    string,
    number,
  ][];
  return numbers.length > 0 ? Object.fromEntries(numbers) : null;
}

const printable = (answers: Answers): Record<string, number | string> =>
  Object.fromEntries(Object.entries(answers).map(([name, x]) => [name, Number.isFinite(x) ? x : String(x)]));

async function probesOf(probes: NonNullable<Loaded["check"]["probes"]>): Promise<readonly Probe[]> {
  try {
    return (await probes()).map((x) => (typeof x !== "number" || Number.isFinite(x) ? x : String(x)));
  } catch (error) {
    return [`throws: ${messageOf(error)}`];
  }
}

/** What would end this process unheard, or keep it from ending, is an answer. */
function guard(): void {
  process.exit = (() => {
    if (!finished) report({ kind: "exit", stack: stackOf(new Error("process.exit")) });
    finished = true;
    end(0);
  }) as typeof process.exit;
  process.on("beforeExit", () => {
    if (!finished) report({ kind: "await" });
    finished = true;
    end(0);
  });
  const uncaught = (error: unknown): void => {
    report({ kind: "load", message: messageOf(error), stack: stackOf(error) });
    finished = true;
    end(0);
  };
  process.on("uncaughtException", uncaught);
  process.on("unhandledRejection", uncaught);
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}, which is no Error`;
  return error.message || error.name;
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? "") : "");
