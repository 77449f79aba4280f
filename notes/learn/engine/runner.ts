import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Bundle } from "./bundle.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import type { Job, Report } from "./wire.ts";

/** Of what a learner's code prints, this much is kept. */
const keptCharacters = 4000;
/** A process that says nothing this long after its time is over is ended from here. */
const grace = 3000;
/** Until a process has started, where many others do. */
const starting = 30_000;
const tick = 250;

export interface Limits {
  readonly seconds: number;
  readonly bytes: number;
}

export const limits: Limits = { seconds: 4, bytes: 1.5 * 2 ** 30 };

/** Runs bundles, each in a process of its own, which was started before it was needed. */
export class Runner implements Disposable {
  readonly #root: string;
  readonly #out: string;
  #program: Promise<string> | null = null;
  #spare: Promise<ChildProcess> | null = null;
  #isOver = false;

  constructor(root: string, out = join(root, "out/learn")) {
    this.#root = root;
    this.#out = out;
  }

  /** Starts a process ahead of need. */
  warm(): void {
    this.#spare ??= this.#start();
    this.#spare.catch(() => {}); // whoever needs it hears of it
  }

  async run(bundle: Bundle, options: Partial<Omit<Job, "bundle">> = {}, isWarm = true): Promise<Outcome> {
    const job: Job = { ...limits, variant: 0, seed: 0, probes: true, ...options, bundle: bundle.path };
    const started = this.#spare ?? this.#start();
    this.#spare = null; // at once: another run may begin before this process is there
    const child = await started;
    const heard = listen(child, job);
    if (isWarm) setImmediate(() => !this.#isOver && this.warm());
    const { reports, crash, printed } = await heard;
    return outcomeOf(
      reports,
      bundle.map,
      relative(this.#root, this.#out).replaceAll("\\", "/"),
      crash,
      printed,
    );
  }

  async #start(): Promise<ChildProcess> {
    this.#program ??= compileChild(this.#out);
    const child = spawn(
      process.execPath,
      ["--max-old-space-size=8192", "--stack-trace-limit=30", await this.#program],
      {
        stdio: ["pipe", "pipe", "pipe", "pipe"],
        cwd: this.#root,
        env: { ...process.env, NODE_OPTIONS: "", FORCE_COLOR: "0" },
      },
    );
    child.stdin?.on("error", () => {}); // it may end before it has read everything
    return child;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    void this.#spare?.then((child) => child.kill("SIGKILL"));
    this.#spare = null;
  }
}

interface Heard {
  readonly reports: readonly Report[];
  readonly crash: string;
  readonly printed: string;
}

/** Gives the job to a process, and all it says until it ends. */
async function listen(child: ChildProcess, job: Job): Promise<Heard> {
  const reports: Report[] = [];
  let [printed, complaint] = ["", ""];
  const wire = createInterface({ input: child.stdio[3] as Readable });
  wire.on("line", (line) => {
    const report = parsed(line);
    if (report?.kind === "ready") begin();
    else if (report) reports.push(report);
  });
  child.stdout?.on("data", (text) => {
    if (printed.length < keptCharacters) printed += String(text);
  });
  child.stderr?.on("data", (text) => {
    complaint = (complaint + String(text)).slice(-keptCharacters);
  });
  const over = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ? `ended by ${signal}` : `ended with code ${code}`));
  });
  // Counted, not read from a clock: a machine that slept has not kept the process busy. It begins when the process has.
  let left = starting / tick;
  const clock = setInterval(() => {
    if (--left > 0) return;
    reports.push({ kind: "time", frames: [] }); // not even its watchdog came to say so
    child.kill("SIGKILL");
  }, tick);
  const begin = (): void => {
    left = (job.seconds * 1700 + grace) / tick;
  };
  child.stdin?.end(`${JSON.stringify(job)}\n`);
  const how = await over;
  clearInterval(clock);
  return { reports, crash: [how, complaint.trim().split("\n")[0]].filter(Boolean).join(": "), printed };
}

function parsed(line: string): Report | null {
  try {
    return JSON.parse(line) as Report;
  } catch {
    return null; // the learner's code wrote to file 3
  }
}

/** The process's program is TypeScript, too; Node runs it without a loader once it is compiled. */
async function compileChild(out: string): Promise<string> {
  mkdirSync(out, { recursive: true });
  const folder = fileURLToPath(new URL(".", import.meta.url));
  await build({
    entryPoints: [join(folder, "child.ts"), join(folder, "watchdog.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outdir: out,
    outExtension: { ".js": ".mjs" },
    logLevel: "silent",
  });
  return join(out, "child.mjs");
}
