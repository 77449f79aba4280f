import type { Tensor } from "../../01-tensor/index.ts";
import type { EpochResult } from "../progress.ts";
import type { Trainer } from "../trainer.ts";

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What `fit` is about to do. */
export interface FitPlan {
  /** The last epoch, counted from 1. */
  readonly epochs: number;
  /** Whether every epoch ends with an evaluation. */
  readonly validation: boolean;
  /** Where it begins: epoch 1 and 0 batches, unless a state was loaded. */
  readonly epoch: number;
  readonly batch: number;
}

/** One step of the optimizer, after it was taken. */
export interface StepResult {
  /** Steps taken so far, over all epochs. */
  readonly step: number;
  readonly epoch: number;
  /** Batches finished in this epoch. */
  readonly batch: number;
  /** The loss before the step, over all batches that were accumulated for it. */
  readonly loss: number;
  /** The length of all gradients together, before it was clipped. */
  readonly gradNorm: number;
  readonly lr: number;
  /** Of the last batch alone. */
  readonly metrics: Readonly<Record<string, number>>;
}

type Done = void | Promise<void>;

/**
 * Something that accompanies training: stops it early, saves checkpoints, writes logs. The trainer waits for promises.
 *
 *   const watch: Callback = { onEpochEnd: (trainer, { train }) => { if (train.loss < 0.01) trainer.stop("good enough"); } };
 *
 * Callbacks are called in their order; those with `last` after all others, so that a checkpoint holds what the others
 * have decided. State that a resumed run needs goes through `stateDict` (plain JSON) and `tensors`.
 */
export interface Callback {
  /** Before the first step. */
  onFitStart?(trainer: Trainer, plan: FitPlan): Done;
  /** After each step of the optimizer. */
  onStepEnd?(trainer: Trainer, result: StepResult): Done;
  /** After each epoch and its evaluation. */
  onEpochEnd?(trainer: Trainer, result: EpochResult): Done;
  /** Also after `stop()`. */
  onFitEnd?(trainer: Trainer, history: readonly EpochResult[]): Done;
  /** Training broke off; the error is thrown on afterwards. */
  onError?(trainer: Trainer, error: unknown): Done;
  /** What a checkpoint keeps of it. */
  stateDict?(): Json;
  /** Goes on from what `stateDict` gave. */
  loadStateDict?(state: Json): void;
  /** Live tensors that belong to the state, by name: a checkpoint saves them and assigns to them. */
  tensors?(trainer: Trainer): Readonly<Record<string, Tensor>>;
  readonly last?: boolean;
}

/** The order in which callbacks are called. */
export const inOrder = (callbacks: readonly Callback[]): Callback[] => [
  ...callbacks.filter(({ last }) => !last),
  ...callbacks.filter(({ last }) => last),
];

type Hook = "onFitStart" | "onStepEnd" | "onEpochEnd" | "onFitEnd" | "onError";

/** Calls one hook of all callbacks of a trainer, one after the other. */
export async function notify<H extends Hook>(
  trainer: Trainer,
  hook: H,
  news: Parameters<Required<Callback>[H]>[1],
): Promise<void> {
  type Told = (trainer: Trainer, what: typeof news) => Done;
  for (const callback of trainer.callbacks) {
    await (callback[hook] as Told | undefined)?.call(callback, trainer, news);
  }
}

/** Live tensors of the states of a trainer's callbacks, by "callbacks.<position>.<name>". */
export const tensorsOf = (trainer: Trainer): Record<string, Tensor> =>
  Object.fromEntries(
    trainer.callbacks.flatMap((callback, i) =>
      Object.entries(callback.tensors?.(trainer) ?? {}).map(([name, tensor]) => [
        `callbacks.${i}.${name}`,
        tensor,
      ]),
    ),
  );
