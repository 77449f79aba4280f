import { heap, ShapeError, scope, show } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import { noGrad } from "../05-autograd/index.ts";
import type { Optimizer } from "../06-optimizers/index.ts";
import { type Batch, type Batches, checkBatch, countBatches } from "./batches.ts";
import type { Metric } from "./metrics.ts";
import { type PassResult, type Position, type Progress, Tally } from "./progress.ts";
import { turn } from "./turn.ts";

type LossFunction = (output: Tensor, target: Tensor) => Tensor;

/** A function such as `crossEntropy`, or a loss object such as `new CrossEntropyLoss()`. */
export type Loss = LossFunction | { forward: LossFunction };

/** What a trainer needs of an optimizer, whatever its settings. */
export type Steps = Pick<Optimizer<{ lr: number }>, "step" | "zeroGrad" | "groups">;

/** The learning rate of every step, counted from 0. */
export interface Schedule {
  getLr(step: number): number;
}

export interface TrainerOptions {
  readonly model: Module;
  readonly optimizer: Steps;
  readonly loss: Loss;
  /** Sets the learning rate before every step; without one it stays as the optimizer has it. */
  readonly schedule?: Schedule;
  /** What to measure beside the loss, by name: `{ accuracy }`. */
  readonly metrics?: Readonly<Record<string, Metric>>;
  /** Called after every step and once at the end of every pass. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface TrainResult extends PassResult {
  /** The loss of every step, before the step. */
  readonly losses: readonly number[];
}

export interface EpochResult {
  readonly epoch: number;
  readonly train: TrainResult;
  readonly validation: PassResult | null;
}

export interface FitOptions {
  readonly epochs?: number;
  /** Evaluated after every epoch. */
  readonly validation?: Batches;
}

export interface EvaluateOptions {
  /** Sees every output, inside the scope in which it lives. */
  readonly onBatch?: (output: Tensor, batch: Batch) => void;
}

/** How long a pass may keep the event loop waiting, in milliseconds. */
const PATIENCE = 50;

/**
 * Trains a model: for every batch zero the gradients, forward, loss, backward, step.
 *
 *   const trainer = new Trainer({ model, optimizer, loss: crossEntropy, metrics: { accuracy } });
 *   const history = await trainer.fit(loader, { epochs: 5, validation: testLoader });
 *
 * Every step runs in a scope of its own and leaves the heap as it found it. Between steps the event loop gets its
 * turn, so that a page stays alive and timers run.
 *
 * Throws  RangeError naming the step, when the loss is no longer finite: before that step touches the weights
 */
export class Trainer {
  readonly model: Module;
  readonly optimizer: Steps;
  readonly metrics: Readonly<Record<string, Metric>>;
  #loss: LossFunction;
  #schedule: Schedule | undefined;
  #onProgress: (progress: Progress) => void;
  #steps = 0;

  constructor({ model, optimizer, loss, schedule, metrics = {}, onProgress = () => {} }: TrainerOptions) {
    [this.model, this.optimizer, this.metrics] = [model, optimizer, metrics];
    this.#loss = typeof loss === "function" ? loss : (output, target) => loss.forward(output, target);
    this.#schedule = schedule;
    this.#onProgress = onProgress;
  }

  /** Steps taken so far, over all epochs. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Several passes over the training batches.
   *
   * Throws  RangeError if `epochs` is no integer ≥ 1, or a pass has no batches
   */
  async fit(batches: Batches, { epochs = 1, validation }: FitOptions = {}): Promise<EpochResult[]> {
    if (!Number.isInteger(epochs) || epochs < 1) {
      throw new RangeError(`fit: epochs ${epochs} — the number of passes is an integer ≥ 1`);
    }
    const history: EpochResult[] = [];
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const train = await this.trainEpoch(batches, { epoch, epochs });
      const scored = validation ? await this.evaluate(validation, {}, { epoch, epochs }) : null;
      history.push({ epoch, train, validation: scored });
    }
    return history;
  }

  /** One pass that changes the weights. */
  async trainEpoch(batches: Batches, position: Position = { epoch: 1, epochs: 1 }): Promise<TrainResult> {
    this.model.train();
    const losses: number[] = [];
    const tally = new Tally("train", position, countBatches("trainEpoch", batches));
    await this.#pass("trainEpoch", batches, tally, (batch) => {
      const { output, loss } = this.#step(batch, position.epoch);
      losses.push(loss);
      tally.add(batch, loss, this.#measure(output, batch));
    });
    return { ...tally.result, losses };
  }

  /** One pass that only looks: no dropout, no gradients, the model as it was before. */
  async evaluate(
    batches: Batches,
    { onBatch = () => {} }: EvaluateOptions = {},
    position: Position = { epoch: 1, epochs: 1 },
  ): Promise<PassResult> {
    const before = this.model.training;
    this.model.eval();
    const tally = new Tally("evaluate", position, countBatches("evaluate", batches));
    try {
      await this.#pass("evaluate", batches, tally, (batch) => {
        using _ = noGrad();
        const output = this.model.forward(batch.x);
        const loss = this.#loss(output, batch.y);
        tally.add(batch, lossValue("evaluate", loss), this.#measure(output, batch));
        onBatch(output, batch);
      });
    } finally {
      this.model.train(before);
    }
    return tally.result;
  }

  #step(batch: Batch, epoch: number): { output: Tensor; loss: number } {
    this.optimizer.zeroGrad(); // whatever was left by hand
    const output = this.model.forward(batch.x);
    const loss = this.#loss(output, batch.y);
    const value = lossValue("trainEpoch", loss);
    if (!Number.isFinite(value)) throw this.#diverged(value, batch, epoch);
    loss.backward();
    this.#setLr();
    this.optimizer.step();
    this.optimizer.zeroGrad(); // used up: the step gives back all that it took
    this.#steps++;
    return { output, loss: value };
  }

  #setLr(): void {
    if (!this.#schedule) return;
    const lr = this.#schedule.getLr(this.#steps);
    if (!(lr >= 0 && Number.isFinite(lr))) {
      throw new RangeError(
        `trainEpoch: the schedule gives lr ${lr} for step ${this.#steps} — it must be finite and ≥ 0`,
      );
    }
    for (const { settings } of this.optimizer.groups) settings.lr = lr;
  }

  #measure(output: Tensor, { y }: Batch): Record<string, number> {
    return Object.fromEntries(
      Object.entries(this.metrics).map(([name, metric]) => [name, metric(output, y)]),
    );
  }

  /** Visits every batch in a scope of its own, reports, and lets the event loop turn in between. */
  async #pass(call: string, batches: Batches, tally: Tally, visit: (batch: Batch) => void): Promise<void> {
    let turned = performance.now();
    for await (const batch of batches) {
      checkBatch(call, batch);
      const before = heap.live;
      {
        using _ = scope();
        visit(batch);
      }
      tally.heapGrowth = heap.live - before;
      this.#onProgress(tally.progress(false));
      if (performance.now() - turned > PATIENCE) {
        await turn();
        turned = performance.now();
      }
    }
    if (tally.steps === 0) {
      throw new RangeError(
        `${call}: no batches in epoch ${tally.position.epoch} — there is nothing to work on; an iterator can be used only ` +
          "once: pass a DataLoader or a list, which starts again in every epoch",
      );
    }
    this.#onProgress(tally.progress(true));
  }

  #diverged(loss: number, { x, y }: Batch, epoch: number): RangeError {
    const finite = (tensor: Tensor): boolean => !tensor.isFloat || tensor.data.every(Number.isFinite);
    const data = Object.entries({ x, y }).find(([, tensor]) => !finite(tensor));
    const weight = this.model.namedParameters().find(([, parameter]) => !finite(parameter));
    const [where, remedy] = data
      ? [`the batch's ${data[0]} ${show(data[1].shape)} is not finite`, "look for NaN in the data"]
      : weight
        ? [
            `parameter ${weight[0]} ${show(weight[1].shape)} is not finite`,
            "lower the learning rate or clip the gradients",
          ]
        : ["batch and parameters are finite", "lower the learning rate, or scale the data down"];
    return new RangeError(
      `trainEpoch: the loss is ${loss} at step ${this.#steps + 1} (epoch ${epoch}): ${where} — training stops before such a ` +
        `step changes the weights; ${remedy}`,
    );
  }
}

function lossValue(call: string, loss: Tensor): number {
  if (loss.size === 1) return loss.item();
  throw new ShapeError(
    `${call}: the loss has shape ${show(loss.shape)} — expected a single number; reduce with .mean()`,
  );
}
