import { Losses, type LossesState } from "./losses.ts";
import type { Metric } from "./metrics.ts";
import type { PassResult, Position, Progress, TrainResult } from "./progress.ts";
import { type Ranks, type Seen, seenByAll } from "./ranks.ts";

/** The sums of a pass that is under way. */
export interface TallyState extends LossesState {
  readonly steps: number;
  readonly examples: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly seconds: number;
}

type Kinds = Readonly<Record<string, Pick<Metric, "finish">>>;

/** Adds up a pass. A batch counts by its examples, so that a short last one does not weigh more. */
export class Tally {
  steps = 0;
  heapGrowth = 0;
  /** The losses of the optimizer's steps. */
  losses = new Losses();
  #examples = 0;
  #loss = 0;
  #stepLoss = Number.NaN;
  #latest: Readonly<Record<string, number>> = {};
  readonly #kinds: Kinds;
  #metrics: Record<string, number> = {};
  #start = performance.now();

  /** `kinds` says how the means of metrics end up. */
  constructor(kinds: Kinds = {}) {
    this.#kinds = kinds;
  }

  add({ examples, loss, metrics }: Seen): void {
    this.steps++;
    this.#examples += examples;
    this.#loss += loss * examples;
    this.#stepLoss = loss;
    this.#latest = metrics;
    for (const [name, value] of Object.entries(metrics)) {
      this.#metrics[name] = (this.#metrics[name] ?? 0) + value * examples;
    }
  }

  /** How many examples were counted. */
  get examples(): number {
    return this.#examples;
  }

  get result(): PassResult {
    return this.#resultOf(this.#means);
  }

  /** Of a pass whose batches every rank has counted for itself. */
  resultOfAll(ranks: Ranks | undefined): PassResult {
    return this.#resultOf(seenByAll(this.#means, ranks));
  }

  get #means(): Seen {
    const mean = (sum: number): number => sum / this.#examples;
    const metrics = Object.entries(this.#metrics).map(([name, sum]) => [name, mean(sum)] as const);
    return { examples: this.#examples, loss: mean(this.#loss), metrics: Object.fromEntries(metrics) };
  }

  #resultOf({ examples, loss, metrics }: Seen): PassResult {
    return { loss, metrics: this.#finished(metrics), steps: this.steps, examples, seconds: this.#seconds };
  }

  get trainResult(): TrainResult {
    return { ...this.result, losses: this.losses.values, stepsPerLoss: this.losses.stepsPerLoss };
  }

  /** The metrics of the last batch alone. */
  get latest(): Record<string, number> {
    return this.#finished(this.#latest);
  }

  progress(pass: Position & Pick<Progress, "phase" | "totalSteps" | "done">): Progress {
    return { ...this.result, ...pass, stepLoss: this.#stepLoss, heapGrowth: this.heapGrowth };
  }

  stateDict(): TallyState {
    const [examples, loss, metrics] = [this.#examples, this.#loss, { ...this.#metrics }];
    return { steps: this.steps, examples, loss, metrics, seconds: this.#seconds, ...this.losses.stateDict() };
  }

  /** Goes on where `stateDict` was taken; the time in between does not count. */
  static from({ steps, examples, loss, metrics, seconds, ...losses }: TallyState, kinds: Kinds): Tally {
    const tally = new Tally(kinds);
    tally.steps = steps;
    tally.losses = Losses.from(losses);
    [tally.#examples, tally.#loss, tally.#metrics] = [examples, loss, { ...metrics }];
    tally.#start -= 1000 * seconds;
    return tally;
  }

  #finished(values: Readonly<Record<string, number>>): Record<string, number> {
    const finished = Object.entries(values).map(([name, value]) => {
      const { finish = (x: number) => x } = this.#kinds[name] ?? {};
      return [name, finish(value)];
    });
    return Object.fromEntries(finished);
  }

  get #seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }
}
