import type { Tensor } from "../01-tensor/index.ts";
import { type Batch, type Batches, examplesOf } from "./batches.ts";
import type { Trainer } from "./trainer.ts";

/** What a batch came to: means over its examples. Of several ranks, their batches are one. */
export interface Seen {
  readonly examples: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Several processes that train one model together, each on its own share of every batch; what a trainer needs of them. Every
 * rank makes the same calls in the same order: a call waits for those of all others.
 */
export interface Ranks {
  /** Which one this is: 0 … size − 1. */
  readonly rank: number;
  readonly size: number;
  /** The sum over all ranks of the first number, of the second, … */
  sum(values: readonly number[]): number[];
  /** Puts the mean over all ranks in place of every gradient. */
  averageGradients(parameters: readonly Tensor[]): void;
  /** Before a pass, and at the end. Throws RankError unless all ranks have the same model, at the same place, and as many batches. */
  check(trainer: Trainer, batches: Batches): void;
}

export const seenOf = (batch: Batch, loss: number, metrics: Seen["metrics"]): Seen => ({
  examples: examplesOf(batch),
  loss,
  metrics,
});

/** The batches of all ranks as one. */
export function seenByAll(seen: Seen, ranks: Ranks | undefined): Seen {
  if (!ranks) return seen;
  const names = Object.keys(seen.metrics);
  const own = [seen.loss, ...Object.values(seen.metrics)];
  const [examples, ...sums] = ranks.sum([seen.examples, ...own.map((mean) => mean * seen.examples)]);
  const [loss, ...means] = sums.map((sum) => sum / examples);
  return { examples, loss, metrics: Object.fromEntries(names.map((name, i) => [name, means[i]])) };
}
