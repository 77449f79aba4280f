import type { Batch } from "./batches.ts";

/** Which epoch a pass belongs to, counted from 1. */
export interface Position {
  readonly epoch: number;
  readonly epochs: number;
}

/** Means over the examples of a whole pass. */
export interface PassResult {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly steps: number;
  readonly examples: number;
  readonly seconds: number;
}

/** What a progress display is told: the means so far, and where the pass is. */
export interface Progress extends PassResult, Position {
  readonly phase: "train" | "evaluate";
  /** How many steps the pass will have, or null where the batches do not say. */
  readonly totalSteps: number | null;
  /** The loss of this step alone. */
  readonly stepLoss: number;
  /** Bytes that this step left on the tensor heap: none, but for a model's first step, which brings the gradients. */
  readonly heapGrowth: number;
  /** True in the one call that ends a pass. */
  readonly done: boolean;
}

/** Adds up a pass. A batch counts by its examples, so that a short last one does not weigh more. */
export class Tally {
  readonly phase: Progress["phase"];
  readonly position: Position;
  readonly totalSteps: number | null;
  steps = 0;
  heapGrowth = 0;
  #examples = 0;
  #loss = 0;
  #stepLoss = Number.NaN;
  #metrics: Record<string, number> = {};
  #start = performance.now();

  constructor(phase: Progress["phase"], position: Position, totalSteps: number | null) {
    [this.phase, this.position, this.totalSteps] = [phase, position, totalSteps];
  }

  add({ x }: Batch, loss: number, metrics: Readonly<Record<string, number>>): void {
    const count = x.shape[0] ?? 1;
    this.steps++;
    this.#examples += count;
    this.#loss += loss * count;
    this.#stepLoss = loss;
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
      seconds: (performance.now() - this.#start) / 1000,
    };
  }

  progress(done: boolean): Progress {
    const { phase, totalSteps, heapGrowth } = this;
    return {
      ...this.result,
      ...this.position,
      phase,
      totalSteps,
      stepLoss: this.#stepLoss,
      heapGrowth,
      done,
    };
  }
}
