import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { checked, FormatError, Printed, settings } from "../../00-runtime/index.ts";
import { type Claim, claim, sweep } from "../../00-runtime/node.ts";
import type { Direction } from "../../06-optimizers/index.ts";
import type { Callback, FitPlan, Json, StepResult } from "../callbacks/callback.ts";
import { Best, checkMonitor } from "../callbacks/monitor.ts";
import type { EpochResult } from "../progress.ts";
import type { Trainer } from "../trainer.ts";
import type { StatefulOptimizer, Training } from "../training.ts";
import { type CheckpointInfo, checkWhole, loadFrom, saveCheckpoint } from "./checkpoint.ts";
import { readBytes } from "./tensor-file.ts";

/** Options of `Checkpoints`. */
export interface CheckpointsOptions extends Pick<Training, "loader" | "random"> {
  /** Of this run alone. Made when it is missing. */
  readonly folder: string;
  readonly everySteps?: number | undefined;
  /** Default: 1, unless `everySteps` is given. */
  readonly everyEpochs?: number | undefined;
  /** How many of the last ones stay. */
  readonly keep?: number | undefined;
  /** Keeps also the best one as `best.safetensors`: by "validation.loss", "validation.accuracy", … */
  readonly best?: string | undefined;
  /** Whether less or more of it is better; without it the name decides, see `directionOf`. */
  readonly mode?: Direction | undefined;
  readonly metadata?: Json;
  /** Told about files that could not be used. */
  readonly onNotice?: (notice: string) => void;
}

/**
 * Saves a training while it runs, and takes it up again.
 *
 *   const checkpoints = new Checkpoints({ folder: "out/run", loader, everySteps: 500, best: "validation.loss" });
 *   const trainer = new Trainer({ model, optimizer, loss, callbacks: [checkpoints] });
 *   await checkpoints.resume(trainer);                     // does nothing at the first start
 *   await trainer.fit(loader, { epochs: 10, validation });
 *
 * Of several ranks, the first writes, and all resume from its files.
 *
 * A run that was killed at any moment and started again ends with the same weights, to the bit, as one that was not.
 * Files are `step-<steps>.safetensors`; the last one is also written when training is stopped. A state whose weights
 * are not finite is not saved: training breaks off, and the last good file stays.
 */
export class Checkpoints extends Printed implements Callback {
  readonly last = true;
  readonly #options: CheckpointsOptions & { readonly keep: number; readonly everyEpochs: number };
  readonly #best: Best | null;
  /** Where the trainer was when it was saved last. */
  #saved = "";
  /** The folder belongs to one training at a time. */
  readonly #claims = new Map<Trainer, Claim>();

  /** Throws  RangeError unless `everySteps`, `everyEpochs` and `keep` are integers ≥ 1 */
  constructor(options: CheckpointsOptions) {
    checked("Checkpoints", options, [
      "loader",
      "random",
      "folder",
      "everySteps",
      "everyEpochs",
      "keep",
      "best",
      "mode",
      "metadata",
      "onNotice",
    ]);
    super();
    const { everySteps, everyEpochs = everySteps ? Number.POSITIVE_INFINITY : 1, keep = 3 } = options;
    for (const [name, value] of Object.entries({ everySteps, everyEpochs: options.everyEpochs, keep })) {
      if (value === undefined || (Number.isInteger(value) && value >= 1)) continue;
      throw new RangeError(`Checkpoints: ${name} ${value} — an integer ≥ 1`);
    }
    this.#options = { ...options, everyEpochs, keep };
    this.#best = options.best === undefined ? null : new Best("Checkpoints", options.best, options.mode);
  }

  /** Saved checkpoints, the newest first. */
  async list(): Promise<string[]> {
    const names = await readdir(this.#options.folder).catch(nothingYet);
    const steps = names.flatMap((name) => stepsOf(name) ?? []).sort((a, b) => b - a);
    return steps.map((step) => join(this.#options.folder, nameOf(step)));
  }

  /**
   * Puts the trainer, and all that belongs to it, where the newest checkpoint was saved; null where there is none. One
   * that is damaged is set aside, and the one before it taken.
   *
   * Throws    what `loadCheckpoint` throws for a whole file that does not fit
   */
  async resume(trainer: Trainer): Promise<CheckpointInfo | null> {
    for (const path of await this.list()) {
      const bytes = await this.#whole(path, writes(trainer));
      if (bytes === null) continue;
      const info = loadFrom(bytes, path, this.#training(trainer));
      this.#saved = positionOf(trainer);
      return info;
    }
    return null;
  }

  async onFitStart(trainer: Trainer, plan: FitPlan): Promise<void> {
    const { folder, best } = this.#options;
    if (best !== undefined) checkMonitor("Checkpoints", best, trainer, plan);
    if (plan.epoch === 1 && plan.batch === 0) this.#best?.forget(); // of an earlier training
    if (!writes(trainer)) return;
    await mkdir(folder, { recursive: true });
    this.#claims.set(trainer, claim(join(folder, "owner.json"), `Checkpoints(${folder})`, ONE_TRAINING));
    await sweep(folder);
    const [newest] = await this.list();
    const steps = newest === undefined ? 0 : (stepsOf(newest) ?? 0);
    if (steps <= trainer.steps) return;
    throw new RangeError(
      `Checkpoints: ${folder} has a checkpoint after step ${steps}, this training begins after step ${trainer.steps} — ` +
        "a folder belongs to one run: go on with it by resume(), or give this one a folder of its own",
    );
  }

  async onStepEnd(trainer: Trainer, { step }: StepResult): Promise<void> {
    const { everySteps } = this.#options;
    if (everySteps && step % everySteps === 0) await this.#save(trainer);
  }

  async onEpochEnd(trainer: Trainer, result: EpochResult): Promise<void> {
    // Best first: killed between the two, a run repeats this epoch and finds the best one again.
    if (this.#best?.see(result)) await this.#write(trainer, "best.safetensors");
    if (result.epoch % this.#options.everyEpochs === 0) await this.#save(trainer);
  }

  async onFitEnd(trainer: Trainer): Promise<void> {
    if (this.#saved !== positionOf(trainer)) await this.#save(trainer);
    this.#release(trainer);
  }

  onError(trainer: Trainer): void {
    this.#release(trainer);
  }

  stateDict(): Json {
    return this.#best?.stateDict() ?? null;
  }

  loadStateDict(state: Json): void {
    this.#best?.loadStateDict(state);
  }

  #release(trainer: Trainer): void {
    this.#claims.get(trainer)?.release();
    this.#claims.delete(trainer);
  }

  async #save(trainer: Trainer): Promise<void> {
    if (!writes(trainer)) return;
    await this.#write(trainer, nameOf(trainer.steps));
    this.#saved = positionOf(trainer);
    for (const old of (await this.list()).slice(this.#options.keep)) await rm(old, { force: true });
  }

  async #write(trainer: Trainer, name: string): Promise<void> {
    if (!writes(trainer)) return;
    const { folder, metadata = null } = this.#options;
    await saveCheckpoint(join(folder, name), { ...this.#training(trainer), metadata });
  }

  #training(trainer: Trainer): Training {
    const { loader, random } = this.#options;
    const { model, optimizer } = trainer;
    return {
      model,
      trainer,
      ...(isStateful(optimizer) && { optimizer }),
      ...(loader && { loader }),
      ...(random && { random }),
    };
  }

  /** A file's bytes; null for one that is damaged, which is set aside by the one that writes. */
  async #whole(path: string, isOurs: boolean): Promise<Uint8Array | null> {
    try {
      const bytes = await readBytes(path, "resume");
      checkWhole(bytes, "resume");
      return bytes;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      if (isOurs) await rename(path, `${path}.damaged`);
      this.#options.onNotice?.(`${path} is damaged and was renamed to ….damaged: ${error.message}`);
      return null;
    }
  }

  protected override describe(): string {
    const { folder, everySteps, everyEpochs, keep, best } = this.#options;
    return settings({ folder, everySteps, everyEpochs, keep, best });
  }
}

const ONE_TRAINING =
  "two trainings in one folder would mix their weights; wait until the other has ended, or give this one a folder of its own";

/** Of several ranks, one. */
const writes = ({ options: { ranks } }: Trainer): boolean => (ranks?.rank ?? 0) === 0;

const nameOf = (step: number): string => `step-${String(step).padStart(8, "0")}.safetensors`;

function stepsOf(path: string): number | null {
  const digits = /(?:^|[\\/])step-(\d+)\.safetensors$/.exec(path)?.[1];
  return digits === undefined ? null : Number(digits);
}

function positionOf(trainer: Trainer): string {
  const { epoch, batch, steps } = trainer.stateDict();
  return `${steps} steps, epoch ${epoch}, batch ${batch}`;
}

const isStateful = (optimizer: object): optimizer is StatefulOptimizer => "stateDict" in optimizer;

function nothingYet(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT") return [];
  throw error;
}
