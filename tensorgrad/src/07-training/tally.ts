import { type Batch, examplesOf } from "./batches.ts";
import type { PassResult, Position, Progress } from "./progress.ts";

/** The sums of a pass that is under way. */
export interface TallyState {
  readonly steps: number;
  readonly examples: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly losses: readonly number[];
  readonly seconds: number;
}

/** Adds up a pass. A batch counts by its examples, so that a short last one does not weigh more. */
export class Tally {
  steps = 0;
  heapGrowth = 0;
  /** The loss of every step of the optimizer. */
  readonly losses: number[] = [];
  /** The metrics of the last batch alone. */
  latest: Readonly<Record<string, number>> = {};
  #examples = 0;
  #loss = 0;
  #stepLoss = Number.NaN;
  #metrics: Record<string, number> = {};
  #start = performance.now();

  add(batch: Batch, loss: number, metrics: Readonly<Record<string, number>>): void {
    const count = examplesOf(batch);
    this.steps++;
    this.#examples += count;
    this.#loss += loss * count;
    this.#stepLoss = loss;
    this.latest = metrics;
    for (const [name, value] of Object.entries(metrics)) {
      this.#metrics[name] = (this.#metrics[name] ?? 0) + value * count;
    }
  }

  get result(): PassResult {
    const mean = (sum: number): number => sum / this.#examples;
    return {
      loss: mean(this.#loss),
      metrics: Object.fromEntries(Object.entries(this.#metrics).map(([name, sum]) => [name, mean(sum)])),
      steps: this.steps,
      examples: this.#examples,
      seconds: this.#seconds,
    };
  }

  progress(pass: Position & Pick<Progress, "phase" | "totalSteps" | "done">): Progress {
    return { ...this.result, ...pass, stepLoss: this.#stepLoss, heapGrowth: this.heapGrowth };
  }

  stateDict(): TallyState {
    const { steps, losses } = this;
    const [examples, loss, metrics] = [this.#examples, this.#loss, { ...this.#metrics }];
    return { steps, examples, loss, metrics, losses: [...losses], seconds: this.#seconds };
  }

  /** Goes on where `stateDict` was taken; the time in between does not count. */
  static from({ steps, examples, loss, metrics, losses, seconds }: TallyState): Tally {
    const tally = new Tally();
    tally.steps = steps;
    tally.losses.push(...losses);
    [tally.#examples, tally.#loss, tally.#metrics] = [examples, loss, { ...metrics }];
    tally.#start -= 1000 * seconds;
    return tally;
  }

  get #seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }
}
