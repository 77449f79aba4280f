import { heap } from "../00-runtime/index.ts";
import {
  type Batch,
  type Batches,
  batchesToSkip,
  checkBatch,
  checkSkipped,
  countBatches,
  examplesOf,
} from "./batches.ts";
import type { Position, Progress } from "./progress.ts";
import type { Tally } from "./tally.ts";
import { turn } from "./turn.ts";

/** What a step came to. */
export interface Moved {
  /** The mean loss of its group of batches, before the step. */
  readonly loss: number;
  /** The length of all gradients together, before it was clipped. */
  readonly gradNorm: number;
}

export interface Hooks {
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /** Told of a step after it was taken; whether training is to stop there. */
  readonly onStep: (visit: Visit, moved: Moved) => Promise<boolean>;
  /** How many share the batches that the tally counts. */
  readonly ranks: number;
}

/** How long a visit may keep the event loop waiting, in milliseconds. */
const PATIENCE = 50;

/** One visit to all batches of a pass: whatever happens between one batch and the next is here. */
export class Visit {
  readonly call: "trainEpoch" | "evaluate";
  readonly position: Position;
  readonly tally: Tally;
  /** Set when a step was taken for the batch at hand. */
  moved: Moved | null = null;
  readonly #batches: Batches;
  readonly #total: number | null;
  readonly #hooks: Hooks;

  constructor(call: Visit["call"], batches: Batches, position: Position, tally: Tally, hooks: Hooks) {
    [this.call, this.position, this.tally, this.#hooks] = [call, position, tally, hooks];
    [this.#batches, this.#total] = [batches, countBatches(call, batches)];
  }

  /** Whether all batches were counted; false where the source does not say how many there are. */
  get isComplete(): boolean {
    return this.tally.steps === this.#total;
  }

  /**
   * The batches that were not counted yet. After each one the callbacks hear of its step, the progress is reported, and
   * the event loop gets its turn.
   */
  async *batches(): AsyncGenerator<Batch, void, undefined> {
    const skipped = batchesToSkip(this.call, this.#batches, this.tally.steps);
    let [skip, examples] = [skipped, 0];
    let turned = performance.now();
    for await (const batch of this.#batches) {
      checkBatch(this.call, batch);
      if (skip > 0) {
        examples += examplesOf(batch);
        if (--skip === 0) checkSkipped(this.call, skipped, examples, this.#done);
        continue;
      }
      const before = heap.live;
      yield batch;
      const stop = await this.tellOfStep();
      this.tally.heapGrowth = heap.live - before;
      this.#report(false);
      if (stop) return;
      if (performance.now() - turned > PATIENCE) {
        await turn();
        turned = performance.now();
      }
    }
    if (skip > 0) checkSkipped(this.call, skipped - skip, examples, this.#done);
    if (this.tally.steps === 0) throw this.#nothing();
    this.#report(true);
  }

  /** How many examples of this rank were worked on. */
  get #done(): number {
    return this.tally.examples / this.#hooks.ranks;
  }

  /** Whether training is to stop. */
  async tellOfStep(): Promise<boolean> {
    const { moved } = this;
    this.moved = null;
    return moved !== null && (await this.#hooks.onStep(this, moved));
  }

  #report(done: boolean): void {
    const phase = this.call === "evaluate" ? "evaluate" : "train";
    const where = { ...this.position, phase, totalSteps: this.#total, done } as const;
    this.#hooks.onProgress?.(this.tally.progress(where));
  }

  #nothing(): RangeError {
    return new RangeError(
      `${this.call}: no batches in epoch ${this.position.epoch} — there is nothing to work on; an iterator can be used only ` +
        "once: pass a DataLoader or a list, which starts again in every epoch",
    );
  }
}
