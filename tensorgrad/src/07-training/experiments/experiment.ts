import { randomInt } from "node:crypto";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { checked, manualSeed, Printed, settings } from "../../00-runtime/index.ts";
import { type Claim, claim, writeDurablySync } from "../../00-runtime/node.ts";
import type { Callback, FitPlan, StepResult } from "../callbacks/callback.ts";
import type { EpochResult } from "../progress.ts";
import type { Trainer } from "../trainer.ts";
import { environment } from "./environment.ts";
import { appendLine, cutLines, type Line, readLines } from "./metrics-log.ts";
import { drawPlots } from "./plots.ts";
import { FILE_NAME, files, makeFolder, type RunRecord, readPlan, writeRecord } from "./run-folder.ts";
import { EventFile } from "./tensorboard.ts";

/** Options of `Experiment`. */
export interface ExperimentOptions<Config> {
  /** Letters, digits and _ . - ; names the folder. */
  readonly name?: string;
  /** Where the folders of runs are. */
  readonly root?: string;
  /** Everything that decides about the result, beside the program and the seed. */
  readonly config?: Config;
  /** Default: drawn anew for every run. */
  readonly seed?: number;
  /** The id of a run that was interrupted and goes on in its folder. */
  readonly resume?: string;
  /** Writes event files for TensorBoard. */
  readonly tensorboard?: boolean;
}

/**
 * One run of a training program in a folder of its own, `runs/<name>-<number>`. There are `config.yaml`, `metrics.jsonl`
 * with every step and epoch, `environment.json` (machine, versions, git commit) and `run.json` (seed, command, status).
 * Pictures of the curves are in `plots/`, beside event files for TensorBoard. It seeds the default generator.
 *
 *   const experiment = new Experiment({ name: "mlp", config: loadConfig("mlp.yaml") });
 *   const model = makeModel(experiment.config);              // after the experiment: the seed counts from there
 *   const trainer = new Trainer({ model, …, callbacks: [experiment] });
 *
 * `npx tensorgrad runs list|compare|replay` reads the folders. A replay starts the same program again with the recorded
 * configuration and seed: take both from the experiment, and the numbers come out the same.
 *
 * Throws    RangeError for a name that is no file name; FormatError if the run to resume is damaged
 */
export class Experiment<Config = unknown> extends Printed implements Callback {
  readonly id: string;
  readonly folder: string;
  readonly config: Config;
  readonly seed: number;
  readonly #events: EventFile | null;
  #record: RunRecord;
  /** Until the first `fit` of a run that goes on. */
  #resumed: boolean;
  /** The run belongs to one process, and there to one training at a time. */
  #claim: Claim | null;
  #trainer: Trainer | null = null;

  constructor(options: ExperimentOptions<Config> = {}) {
    const {
      name = "run",
      root = "runs",
      config,
      seed = randomInt(2 ** 32),
      resume,
      tensorboard = true,
    } = checked("Experiment", options, ["name", "root", "config", "seed", "resume", "tensorboard"]);
    super();
    if (!FILE_NAME.test(name)) {
      throw new RangeError(`Experiment: name ${JSON.stringify(name)} — letters, digits, and any of _ . -`);
    }
    if (resume !== undefined && !FILE_NAME.test(resume)) {
      throw new RangeError(
        `Experiment: resume ${JSON.stringify(resume)} — the id of a run, such as mlp-001; a run stays inside of its folder`,
      );
    }
    const at = resolve(process.env[variables.root] ?? root);
    const ordinal = ordinals.get(name) ?? 0;
    ordinals.set(name, ordinal + 1);
    const earlier = resume === undefined ? repeated(name, ordinal) : readPlan(join(at, resume));
    this.seed = earlier?.record.seed ?? seed;
    this.config = (earlier ? earlier.config : config) as Config;
    this.id = resume ?? makeFolder(at, name);
    this.folder = join(at, this.id);
    this.#claim = this.#own();
    this.#resumed = resume !== undefined;
    this.#record =
      earlier && this.#resumed
        ? { ...earlier.record, process: { id: process.pid, host: hostname() } }
        : this.#begin(name, ordinal);
    this.#update({ status: "running", ended: null, reason: null });
    this.#events = tensorboard ? new EventFile(this.folder) : null;
    manualSeed(this.seed);
  }

  /** A path inside the run's folder. */
  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** Of a resumed run, forgets what came after the checkpoint: it happens again. */
  async onFitStart(trainer: Trainer, { epoch }: FitPlan): Promise<void> {
    if (this.#trainer) {
      throw new RangeError(
        `Experiment ${this.id}: another training writes to it, in this process — a run has one at a time; await the first one, or ` +
          "make a second Experiment",
      );
    }
    this.#claim ??= this.#own();
    this.#trainer = trainer;
    if (this.#resumed) {
      await cutLines(this.path(files.metrics), { step: trainer.steps, epoch });
      this.#events?.restart(trainer.steps);
    }
    this.#resumed = false;
    this.#update({ status: "running", ended: null, reason: null });
  }

  onStepEnd(_: Trainer, { step, epoch, batch, loss, lr, gradNorm, metrics }: StepResult): void {
    this.#log({ kind: "step", step, epoch, batch, loss, lr, gradNorm, metrics, time: now() });
    const measured = Object.entries(metrics).map(([name, value]) => [`batch/${name}`, value]);
    this.#events?.scalars({ "batch/loss": loss, lr, gradNorm, ...Object.fromEntries(measured) }, step);
  }

  onEpochEnd({ steps: step }: Trainer, { epoch, train, validation }: EpochResult): void {
    const metrics: Record<string, number> = {};
    for (const [phase, pass] of Object.entries({ train, validation })) {
      if (!pass) continue;
      metrics[`${phase}.loss`] = pass.loss;
      for (const [name, value] of Object.entries(pass.metrics)) metrics[`${phase}.${name}`] = value;
    }
    this.#log({ kind: "epoch", step, epoch, metrics, seconds: train.seconds, time: now() });
    const tags = Object.entries(metrics).map(([name, value]) => [name.replace(".", "/"), value]);
    this.#events?.scalars(Object.fromEntries(tags), step);
    this.#events?.flush();
    this.#update({ epochs: epoch, steps: step });
  }

  onFitEnd(trainer: Trainer): void {
    const { stopped, steps } = trainer;
    this.#end(trainer, { status: stopped === null ? "finished" : "stopped", reason: stopped, steps });
  }

  onError(trainer: Trainer, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#end(trainer, { status: "failed", reason, steps: trainer.steps });
  }

  #end(trainer: Trainer, how: Pick<RunRecord, "status" | "reason" | "steps">): void {
    if (this.#trainer !== trainer) return; // one that was refused
    this.#events?.flush();
    drawPlots(this.path(files.plots), readLines(this.path(files.metrics)).lines);
    this.#update({ ...how, ended: new Date().toISOString() });
    this.#claim?.release();
    [this.#claim, this.#trainer] = [null, null];
  }

  #own(): Claim {
    return claim(
      this.path(files.owner),
      `Experiment ${this.id}`,
      "a run has one process at a time, or its lines would mix; wait until the other has ended, or begin a run of its own",
    );
  }

  #log(line: Line): void {
    appendLine(this.path(files.metrics), line);
  }

  #update(changes: Partial<RunRecord>): void {
    this.#record = { ...this.#record, ...changes };
    writeRecord(this.folder, this.#record);
  }

  #begin(name: string, ordinal: number): RunRecord {
    writeDurablySync(this.path(files.config), stringify(this.config ?? {}));
    const text = JSON.stringify(environment(), null, 2);
    writeDurablySync(this.path(files.environment), `${text}\n`);
    return {
      format: 1,
      id: this.id,
      name,
      seed: this.seed,
      ordinal,
      started: new Date().toISOString(),
      ...{ ended: null, status: "running", reason: null, epochs: 0, steps: 0 },
      command: { node: process.execArgv, program: process.argv.slice(1), folder: process.cwd() },
      process: { id: process.pid, host: hostname() },
    };
  }

  protected override describe(): string {
    return settings({ id: this.id, seed: this.seed, status: this.#record.status, folder: this.folder });
  }
}

/** How many experiments of each name this process has begun. */
const ordinals = new Map<string, number>();

/** Set by a replay: where its runs go, and the run that it repeats. */
export const variables = { root: "TENSORGRAD_RUNS", replay: "TENSORGRAD_REPLAY" } as const;

/** The run that a replay wants from this experiment: a program may begin several. */
function repeated(name: string, ordinal: number): ReturnType<typeof readPlan> | null {
  const folder = process.env[variables.replay];
  if (!folder) return null;
  const run = readPlan(folder);
  return run.record.name === name && run.record.ordinal === ordinal ? run : null;
}

const now = (): number => Date.now() / 1000;
