import { checked, counted, ShapeError, show, written } from "../00-runtime/index.ts";
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

/** Options of `Trainer`. */
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

/** Options of `Trainer`. */
export interface FitOptions {
  /** The last epoch; a resumed run counts those before. */
  readonly epochs?: number;
  /** Evaluated after every epoch. */
  readonly validation?: Batches;
}

/** Options of `Trainer`. */
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

/** Names of the options that a trainer has. */
export const TRAINER_OPTIONS = [
  ...(["model", "optimizer", "loss", "schedule", "metrics", "accumulate"] as const),
  ...(["clipGradNorm", "clipGradValue", "regularize", "callbacks", "onProgress"] as const),
  ...(["ranks", "precision"] as const),
];

/**
 * Throws  TypeError for names that are no options, for parts that are missing or cannot do what they are there for, and for an
 *         optimizer of another model; RangeError for limits, groups of batches and numbers of epochs that are none
 */
export function checkOptions(options: TrainerOptions): void {
  checked("Trainer", options, TRAINER_OPTIONS);
  checkParts(options);
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

function checkParts({ model, optimizer, loss, schedule, callbacks = [] }: TrainerOptions): void {
  const can = (part: unknown, ...methods: string[]): boolean =>
    methods.every((method) => typeof (part as Record<string, unknown> | null)?.[method] === "function");
  const refuse = (name: string, given: unknown, rule: string): TypeError =>
    new TypeError(`Trainer: ${name} ${written(given)} — ${rule}`);
  if (!can(model, "forward", "parameters"))
    throw refuse("model", model, "a Module, such as new Sequential(…)");
  if (!can(optimizer, "step", "zeroGrad") || !Array.isArray(optimizer.groups))
    throw refuse("optimizer", optimizer, "such as new Adam(model.parameters(), { lr: 0.001 })");
  if (typeof loss !== "function" && !can(loss, "forward"))
    throw refuse(
      "loss",
      loss,
      "a function such as crossEntropy, or an object such as new CrossEntropyLoss()",
    );
  if (schedule !== undefined && !can(schedule, "getLr"))
    throw refuse(
      "schedule",
      schedule,
      "an object with getLr(step), such as new CosineSchedule({ lr, steps })",
    );
  if (!Array.isArray(callbacks)) throw refuse("callbacks", callbacks, "a list: [new EarlyStopping()]");
  const own = new Set<Tensor>(model.parameters());
  const moved = optimizer.groups.flatMap(({ params }) => params);
  if (own.size === 0 || moved.length === 0 || moved.some((p) => own.has(p))) return;
  throw new TypeError(
    `Trainer: the optimizer moves ${counted(moved.length, "parameter")}, none of ${model.constructor.name}'s ${own.size} — it was ` +
      "made for another model, or before model.to(…) gave this one new parameters; pass model.parameters() of this one",
  );
}

export function checkEpochs(epochs: number): void {
  if (Number.isInteger(epochs) && epochs >= 1) return;
  throw new RangeError(`fit: epochs ${epochs} — the number of passes is an integer ≥ 1`);
}
