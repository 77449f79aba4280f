import { ShapeError, scope, show } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import { noGrad } from "../05-autograd/index.ts";
import {
  clipGradNorm,
  clipGradValue,
  gradNorm,
  type Optimizer,
  type Penalty,
  regularize,
  type Schedule,
} from "../06-optimizers/index.ts";
import { Accumulation } from "./accumulation.ts";
import { type Batch, examplesOf } from "./batches.ts";
import { diverged, gradientDiverged } from "./divergence.ts";
import { LearningRate } from "./learning-rate.ts";
import type { Metric } from "./metrics.ts";

type LossFunction = (output: Tensor, target: Tensor) => Tensor;

/** A function such as `crossEntropy`, or a loss object such as `new CrossEntropyLoss()`. */
export type Loss = LossFunction | { forward: LossFunction };

/** What a trainer needs of an optimizer, whatever its settings. */
export type Steps = Pick<Optimizer<{ lr: number }>, "step" | "zeroGrad" | "groups">;

export interface LearnerOptions {
  readonly model: Module;
  readonly optimizer: Steps;
  readonly loss: Loss;
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
}

/** What a step came to. */
export interface Moved {
  /** The mean loss of its group of batches, before the step. */
  readonly loss: number;
  /** The length of all gradients together, before it was clipped. */
  readonly gradNorm: number;
}

/** What a batch came to. */
export interface Seen {
  readonly output: Tensor;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** What the trainer does with one batch: forward, loss, backward; and a step of the optimizer when it is due. */
export class Learner {
  /** Steps taken so far. */
  steps = 0;
  readonly lr: LearningRate;
  readonly #options: LearnerOptions;
  readonly #group: Accumulation;

  constructor(options: LearnerOptions) {
    this.#options = options;
    for (const name of ["clipGradNorm", "clipGradValue"] as const) {
      const limit = options[name];
      if (limit === undefined || limit > 0) continue;
      throw new RangeError(`Trainer: ${name} ${limit} — a limit is a number above 0; leave it out for none`);
    }
    this.lr = new LearningRate(options.optimizer, options.schedule);
    this.#group = new Accumulation(options.accumulate ?? 1);
  }

  /** Adds a batch's gradients to those of its group. */
  learn(batch: Batch, epoch: number): Seen {
    const { model, optimizer } = this.#options;
    if (this.#group.isEmpty) optimizer.zeroGrad(); // whatever was left by hand
    const { output, loss } = this.#forward(batch);
    const value = lossValue("trainEpoch", loss);
    if (!Number.isFinite(value)) throw diverged(model, batch, loss, { step: this.steps + 1, epoch });
    this.#group.add(loss, value, examplesOf(batch));
    return { output, loss: value, metrics: this.#measure(output, batch) };
  }

  /** Moves the weights if the group is complete (or `early`, as it stands); null for no step. */
  step(epoch: number, { early = false } = {}): Moved | null {
    if (this.#group.isEmpty || !(early || this.#group.isFull)) return null;
    using _ = scope();
    const { loss } = this.#group;
    const gradNorm = this.#prepare(epoch);
    this.lr.set(this.steps);
    this.#options.optimizer.step();
    this.steps++;
    this.forget();
    return { loss, gradNorm };
  }

  /** Turns the sum of gradients into what the optimizer should see; its length, which must be finite. */
  #prepare(epoch: number): number {
    const { model, optimizer, ...options } = this.#options;
    const parameters = optimizer.groups.flatMap(({ params }) => params);
    this.#group.finish(parameters);
    const length = gradNorm(parameters);
    if (!Number.isFinite(length)) {
      throw gradientDiverged(model, this.#group.loss, { step: this.steps + 1, epoch });
    }
    if (options.regularize) regularize(parameters, options.regularize);
    if (options.clipGradValue) clipGradValue(parameters, options.clipGradValue);
    if (options.clipGradNorm) clipGradNorm(parameters, options.clipGradNorm);
    return length;
  }

  /** Drops the gradients: used up, or of a group that failed. A step gives back all the memory that it took. */
  forget(): void {
    using _ = scope();
    this.#options.optimizer.zeroGrad();
    this.#group.reset();
  }

  /** Only looks. */
  judge(batch: Batch): Seen {
    using _ = noGrad();
    const { output, loss } = this.#forward(batch);
    return { output, loss: lossValue("evaluate", loss), metrics: this.#measure(output, batch) };
  }

  #forward({ x, y }: Batch): { output: Tensor; loss: Tensor } {
    const { model, loss } = this.#options;
    const output = model.forward(x);
    return { output, loss: typeof loss === "function" ? loss(output, y) : loss.forward(output, y) };
  }

  #measure(output: Tensor, { y }: Batch): Record<string, number> {
    const metrics = Object.entries(this.#options.metrics ?? {});
    return Object.fromEntries(metrics.map(([name, metric]) => [name, metric(output, y)]));
  }
}

function lossValue(call: string, loss: Tensor): number {
  if (loss.size === 1) return loss.item();
  throw new ShapeError(
    `${call}: the loss has shape ${show(loss.shape)} — expected a single number; reduce with .mean()`,
  );
}
