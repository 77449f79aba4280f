import { ShapeError, show } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import type { Optimizer, Penalty, Schedule } from "../06-optimizers/index.ts";
import type { Batch, Batches } from "./batches.ts";
import type { Callback } from "./callbacks/callback.ts";
import type { Metric } from "./metrics.ts";
import type { Precision } from "./precision.ts";
import type { Progress } from "./progress.ts";
import type { Ranks } from "./ranks.ts";

type LossFunction = (output: Tensor, target: Tensor) => Tensor;

/** A function such as `crossEntropy`, or a loss object such as `new CrossEntropyLoss()`. */
export type Criterion = LossFunction | { forward: LossFunction };

/** What a trainer needs of an optimizer, whatever its settings. */
export type Steps = Pick<Optimizer<{ lr: number }>, "step" | "zeroGrad" | "groups">;

export interface TrainerOptions {
  readonly model: Module;
  readonly optimizer: Steps;
  readonly loss: Criterion;
  /** Sets the learning rate before every step; without one it stays as the optimizer has it. */
  readonly schedule?: Schedule;
  /** What to measure beside the loss, by name: `{ accuracy }`. */
  readonly metrics?: Readonly<Record<string, Metric>>;
  /** Takes one step for so many batches, as if they were one; the loss is taken for a mean over examples. */
  readonly accumulate?: number;
  /** Shortens gradients that are longer than this together. */
  readonly clipGradNorm?: number;
  /** Cuts every element of the gradients to ± this. */
  readonly clipGradValue?: number;
  /** A penalty on large weights, added to the gradients; the loss that is reported is without it. */
  readonly regularize?: Penalty;
  readonly callbacks?: readonly Callback[];
  /** The other processes that train the same model; `DistributedTrainer` fills this in. */
  readonly ranks?: Ranks;
  /** How it computes, if not in float32 throughout; `MixedPrecisionTrainer` fills this in. */
  readonly precision?: Precision;
  /** Called after every batch and once at the end of every pass. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface FitOptions {
  /** The last epoch; a resumed run counts those before. */
  readonly epochs?: number;
  /** Evaluated after every epoch. */
  readonly validation?: Batches;
}

export interface EvaluateOptions {
  /** Sees every output, inside the scope in which it lives. */
  readonly onBatch?: (output: Tensor, batch: Batch) => void;
}

/** Model and loss as functions. */
export function functionsOf(
  call: string,
  { model, loss, precision }: TrainerOptions,
): { readonly forward: (x: Tensor) => Tensor; readonly lossOf: LossFunction } {
  const forward = precision ? (x: Tensor) => precision.forward(model, x) : (x: Tensor) => model.forward(x);
  return { forward, lossOf: lossFunction(call, loss) };
}

/** The loss as a function; it must come to a single number. */
export function lossFunction(call: string, loss: Criterion): LossFunction {
  const lossOf = typeof loss === "function" ? loss : loss.forward.bind(loss);
  return (output, target) => {
    const value = lossOf(output, target);
    if (value.size === 1) return value;
    throw new ShapeError(
      `${call}: the loss has shape ${show(value.shape)} — expected a single number; reduce with .mean()`,
    );
  };
}

/** Throws  RangeError for limits, groups of batches and numbers of epochs that are none */
export function checkOptions(options: TrainerOptions): void {
  for (const name of ["clipGradNorm", "clipGradValue"] as const) {
    const limit = options[name];
    if (limit === undefined || limit > 0) continue;
    throw new RangeError(`Trainer: ${name} ${limit} — a limit is a number above 0; leave it out for none`);
  }
  const { accumulate = 1 } = options;
  if (Number.isInteger(accumulate) && accumulate >= 1) return;
  throw new RangeError(
    `Trainer: accumulate ${accumulate} — a step is made of an integer number of batches ≥ 1`,
  );
}

export function checkEpochs(epochs: number): void {
  if (Number.isInteger(epochs) && epochs >= 1) return;
  throw new RangeError(`fit: epochs ${epochs} — the number of passes is an integer ≥ 1`);
}
