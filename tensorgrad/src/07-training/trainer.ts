import { heap, scope } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import { type Batch, type Batches, batchesToSkip, checkBatch, countBatches } from "./batches.ts";
import { type Callback, inOrder } from "./callbacks/callback.ts";
import { checkState, Run, type TrainerState } from "./checkpoints/trainer-state.ts";
import { Learner, type LearnerOptions, type Moved, type Steps } from "./learner.ts";
import type { Metric } from "./metrics.ts";
import type { EpochResult, PassResult, Position, Progress, TrainResult } from "./progress.ts";
import { Tally } from "./tally.ts";
import { turn } from "./turn.ts";

export interface TrainerOptions extends LearnerOptions {
  readonly callbacks?: readonly Callback[];
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

/** One pass under way. */
interface Pass {
  readonly call: "trainEpoch" | "evaluate";
  readonly position: Position;
  readonly tally: Tally;
}

/** How long a pass may keep the event loop waiting, in milliseconds. */
const PATIENCE = 50;

/**
 * Trains a model: for every batch zero the gradients, forward, loss, backward, step.
 *
 *   const trainer = new Trainer({ model, optimizer, loss: crossEntropy, metrics: { accuracy } });
 *   const history = await trainer.fit(loader, { epochs: 5, validation: testLoader });
 *
 * Every batch is worked on in a scope of its own and leaves the heap as it found it. Between batches the event loop
 * gets its turn, so that a page stays alive and timers run. Whatever else happens in training is a callback.
 *
 * Throws  RangeError naming the step, when the loss is no longer finite: before that step touches the weights
 */
export class Trainer {
  readonly options: TrainerOptions;
  readonly model: Module;
  readonly optimizer: Steps;
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly callbacks: readonly Callback[];
  readonly #learner: Learner;
  #run = new Run();
  #resumed = false;
  #stopped: string | null = null;

  constructor(options: TrainerOptions) {
    const { model, optimizer, metrics = {}, callbacks = [] } = options;
    [this.options, this.model, this.optimizer, this.metrics] = [options, model, optimizer, metrics];
    this.callbacks = inOrder(callbacks);
    this.#learner = new Learner(options);
  }

  /** Steps of the optimizer so far, over all epochs. */
  get steps(): number {
    return this.#learner.steps;
  }

  /** Why training was stopped, or null. */
  get stopped(): string | null {
    return this.#stopped;
  }

  /** Ends training after the step that is under way; for callbacks. */
  stop(reason = "stopped"): void {
    this.#stopped = reason;
  }

  /**
   * Several passes over the training batches; after `loadStateDict` the rest of them.
   *
   * Throws  RangeError if `epochs` is no integer ≥ 1, or a pass has no batches
   */
  async fit(batches: Batches, { epochs = 1, validation }: FitOptions = {}): Promise<EpochResult[]> {
    if (!Number.isInteger(epochs) || epochs < 1) {
      throw new RangeError(`fit: epochs ${epochs} — the number of passes is an integer ≥ 1`);
    }
    this.#learner.lr.check(this.metrics, validation !== undefined);
    const run = this.#begin();
    const { epoch, batch } = run;
    try {
      await this.#notify("onFitStart", { epochs, validation: validation !== undefined, epoch, batch });
      while (run.epoch <= epochs && !this.#stopped) await this.#epoch(run, epochs, batches, validation);
      await this.#notify("onFitEnd", run.history);
    } catch (error) {
      // What went wrong first must not be lost if telling the callbacks goes wrong, too.
      const also = await this.#notify("onError", error).then(
        () => null,
        (second: unknown) => second,
      );
      throw also === null
        ? error
        : new AggregateError([error, also], `${error} — and onError of a callback: ${also}`);
    }
    return [...run.history];
  }

  /** One pass that changes the weights. */
  async trainEpoch(batches: Batches, position: Position = { epoch: 1, epochs: 1 }): Promise<TrainResult> {
    const run = this.#begin();
    run.epoch = position.epoch;
    return this.#train(run, position, batches);
  }

  /** One pass that only looks: no dropout, no gradients, the model as it was before. */
  async evaluate(
    batches: Batches,
    { onBatch = () => {} }: EvaluateOptions = {},
    position: Position = { epoch: 1, epochs: 1 },
  ): Promise<PassResult> {
    const before = this.model.training;
    const pass: Pass = { call: "evaluate", position, tally: new Tally(this.metrics) };
    this.model.eval();
    try {
      await this.#visit(pass, batches, (batch) => {
        const seen = this.#learner.judge(batch);
        pass.tally.add(batch, seen.loss, seen.metrics);
        onBatch(seen.output, batch);
      });
    } finally {
      this.model.train(before);
    }
    return pass.tally.result;
  }

  /** Everything that the trainer itself must remember to go on exactly here, after a step or between epochs. */
  stateDict(): TrainerState {
    return {
      ...this.#run.stateDict(),
      steps: this.#learner.steps,
      shares: this.#learner.lr.shares,
      schedule: this.options.schedule?.stateDict?.() ?? null,
      callbacks: this.callbacks.map((callback) => callback.stateDict?.() ?? null),
    };
  }

  /** The next `fit` continues where `stateDict` was taken. A state that does not fit changes nothing. */
  loadStateDict(state: TrainerState): void {
    checkState(state, this.callbacks, this.optimizer.groups.length);
    const [before, resumed] = [this.stateDict(), this.#resumed];
    try {
      this.#apply(state, true);
    } catch (error) {
      this.#apply(before, resumed); // a schedule or a callback has refused its part
      throw error;
    }
  }

  #apply(state: TrainerState, resumed: boolean): void {
    this.#run = Run.from(state, this.metrics);
    [this.#resumed, this.#learner.steps, this.#learner.lr.shares] = [resumed, state.steps, state.shares];
    if (state.schedule !== null) this.options.schedule?.loadStateDict?.(state.schedule);
    for (const [i, part] of state.callbacks.entries()) {
      if (part !== null) this.callbacks[i].loadStateDict?.(part);
    }
  }

  /** Live tensors of the callbacks' states, by "callbacks.<position>.<name>". */
  tensors(): Record<string, Tensor> {
    const named = this.callbacks.flatMap((callback, i) =>
      Object.entries(callback.tensors?.(this) ?? {}).map(([name, tensor]) => [
        `callbacks.${i}.${name}`,
        tensor,
      ]),
    );
    return Object.fromEntries(named);
  }

  #begin(): Run {
    if (!this.#resumed) this.#run = new Run();
    [this.#resumed, this.#stopped] = [false, null];
    return this.#run;
  }

  async #epoch(run: Run, epochs: number, batches: Batches, validation: Batches | undefined): Promise<void> {
    const position = { epoch: run.epoch, epochs };
    const train = await this.#train(run, position, batches);
    if (run.tally) return; // stopped in the middle
    const scored = validation ? await this.evaluate(validation, {}, position) : null;
    const result = { epoch: run.epoch, train, validation: scored };
    run.history.push(result);
    run.epoch++;
    this.#learner.lr.observe(result);
    await this.#notify("onEpochEnd", result);
  }

  async #train(run: Run, position: Position, batches: Batches): Promise<TrainResult> {
    run.tally ??= new Tally(this.metrics);
    const { tally } = run;
    const pass: Pass = { call: "trainEpoch", position, tally };
    let moved: Moved | null = null; // what came of a step that was just taken
    const total = countBatches("trainEpoch", batches);
    const work = (batch: Batch): void => {
      const seen = this.#learner.learn(batch, position.epoch);
      tally.add(batch, seen.loss, seen.metrics);
      // The last group may not be whole; its step belongs to this pass, so it comes before the loader begins another.
      moved = this.#learner.step(position.epoch, { early: tally.steps === total });
    };
    this.model.train();
    try {
      await this.#visit(pass, batches, work, () => moved !== null && this.#stepped(pass, moved));
      const last = this.#learner.step(position.epoch, { early: true }); // of a pass of unknown length
      if (last) await this.#stepped(pass, last);
    } finally {
      this.#learner.forget();
    }
    if (!this.#stopped) run.tally = null;
    return { ...tally.result, losses: tally.losses };
  }

  #stepped({ tally, position: { epoch } }: Pass, moved: Moved): Promise<void> {
    tally.losses.push(moved.loss);
    const { steps: step, lr } = this.#learner;
    const { steps: batch, latest: metrics } = tally;
    return this.#notify("onStepEnd", { step, epoch, batch, ...moved, lr: lr.value, metrics });
  }

  /**
   * Works on every batch in a scope of its own, reports, and lets the event loop turn in between. `after` comes outside
   * the scope: whether there is something to wait for, after which training may stop.
   */
  async #visit(
    { call, tally, position }: Pass,
    batches: Batches,
    work: (batch: Batch) => void,
    after: () => false | Promise<void> = () => false,
  ): Promise<void> {
    const totalSteps = countBatches(call, batches);
    const report = (done: boolean): void => {
      const phase = call === "evaluate" ? "evaluate" : "train";
      this.options.onProgress?.(tally.progress({ ...position, phase, totalSteps, done }));
    };
    let skip = batchesToSkip(call, batches, tally.steps);
    let turned = performance.now();
    for await (const batch of batches) {
      if (skip-- > 0) continue;
      checkBatch(call, batch);
      const before = heap.live;
      {
        using _ = scope();
        work(batch);
      }
      const finished = after();
      if (finished) await finished;
      tally.heapGrowth = heap.live - before;
      report(false);
      if (finished && this.#stopped) return;
      if (performance.now() - turned > PATIENCE) {
        await turn();
        turned = performance.now();
      }
    }
    if (tally.steps === 0) throw nothing(call, position);
    report(true);
  }

  async #notify<Hook extends "onFitStart" | "onStepEnd" | "onEpochEnd" | "onFitEnd" | "onError">(
    hook: Hook,
    news: Parameters<Required<Callback>[Hook]>[1],
  ): Promise<void> {
    for (const callback of this.callbacks) {
      await (callback[hook] as ((trainer: Trainer, what: typeof news) => unknown) | undefined)?.call(
        callback,
        this,
        news,
      );
    }
  }
}

function nothing(call: string, { epoch }: Position): RangeError {
  return new RangeError(
    `${call}: no batches in epoch ${epoch} — there is nothing to work on; an iterator can be used only ` +
      "once: pass a DataLoader or a list, which starts again in every epoch",
  );
}
