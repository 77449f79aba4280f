import { checked, Printed, scope, settings } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import { evaluating, type Module } from "../03-layers/index.ts";
import { noGrad } from "../05-autograd/index.ts";
import { Accumulation } from "./accumulation.ts";
import { type Batch, type Batches, examplesOf } from "./batches.ts";
import { type Callback, inOrder, notify, tensorsOf } from "./callbacks/callback.ts";
import { checkState, type TrainerState } from "./checkpoints/trainer-state.ts";
import { Course } from "./course.ts";
import { ensureFinite, type When } from "./divergence.ts";
import { prepareGradients } from "./gradients.ts";
import { ensureKnown } from "./known.ts";
import { LearningRate } from "./learning-rate.ts";
import { type Metric, measure } from "./metrics.ts";
import { Occupancy } from "./occupancy.ts";
import {
  checkEpochs,
  checkOptions,
  type EvaluateOptions,
  type FitOptions,
  functionsOf,
  type Steps,
  type TrainerOptions,
} from "./options.ts";
import type { EpochResult, PassResult, Position, TrainResult } from "./progress.ts";
import { type Seen, seenByAll, seenOf } from "./ranks.ts";
import { Tally } from "./tally.ts";
import { type Moved, Visit } from "./visit.ts";

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
export class Trainer extends Printed {
  readonly options: TrainerOptions;
  readonly model: Module;
  readonly optimizer: Steps;
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly callbacks: readonly Callback[];
  readonly #lr: LearningRate;
  #steps = 0;
  #course = new Course();
  #resumed = false;
  #stopped: string | null = null;
  readonly #occupancy = new Occupancy();

  constructor(options: TrainerOptions) {
    super();
    checkOptions(options);
    const { model, optimizer, metrics = {}, callbacks = [] } = options;
    [this.options, this.model, this.optimizer, this.metrics] = [options, model, optimizer, metrics];
    this.callbacks = inOrder(callbacks);
    this.#lr = new LearningRate(optimizer, options.schedule);
  }

  /** One pass that changes the weights. A step is taken for every batch, or for a group of them. */
  async #train(visit: Visit): Promise<void> {
    const { model, optimizer } = this;
    const { forward, lossOf } = functionsOf(visit.call, this.options);
    const group = new Accumulation(this.options);
    if (!model.training) model.train(); // otherwise a part that was frozen by eval() stays so
    try {
      for await (const batch of visit.batches()) {
        using _ = scope();
        if (group.isEmpty) optimizer.zeroGrad();
        const output = forward(batch.x);
        const loss = lossOf(output, batch.y);
        const seen = this.#see(visit, batch, output, loss);
        loss.backward(group.add(seen, examplesOf(batch), loss));
        visit.tally.add(seen);
        if (group.isFull || visit.isComplete) {
          if (this.#beforeStep(visit, group)) optimizer.step();
          this.#afterStep(visit, group);
        }
      }
      if (!group.isEmpty) await this.#lastStep(visit, group);
    } finally {
      this.#forgetGradients();
    }
  }

  /** One pass that only looks: no dropout, no gradients, the model as it was before. */
  async evaluate(
    batches: Batches,
    options: EvaluateOptions = {},
    position: Position = { epoch: 1, epochs: 1 },
  ): Promise<PassResult> {
    const { onBatch = () => {} } = checked<EvaluateOptions>("evaluate", options, ["onBatch"]);
    const { model, metrics } = this;
    const visit = this.#visit("evaluate", batches, position, new Tally(metrics));
    const { forward, lossOf } = functionsOf(visit.call, this.options);
    for await (const batch of visit.batches()) {
      using _ = scope();
      using __ = noGrad();
      using ___ = evaluating(model);
      const output = forward(batch.x);
      const loss = lossOf(output, batch.y);
      visit.tally.add(seenOf(batch, loss.item(), measure(metrics, output, batch)));
      onBatch(output, batch);
    }
    return visit.tally.resultOfAll(this.options.ranks);
  }

  /**
   * Several passes over the training batches; after `loadStateDict` the rest of them.
   *
   * Throws   RangeError if `epochs` is no integer ≥ 1, or a pass has no batches
   */
  async fit(batches: Batches, options: FitOptions = {}): Promise<EpochResult[]> {
    const { epochs = 1, validation } = checked("fit", options, ["epochs", "validation"]);
    checkEpochs(epochs);
    this.#lr.check(this.metrics, validation !== undefined);
    using _ = this.#occupancy.enter("fit", this.#course.epoch);
    const course = this.#begin();
    const { epoch, batch } = course;
    try {
      await notify(this, "onFitStart", { epochs, validation: validation !== undefined, epoch, batch });
      while (course.epoch <= epochs && !this.#mustStop())
        await this.#epoch(course, batches, { epochs, ...(validation && { validation }) });
      this.options.ranks?.check(this, batches);
      await notify(this, "onFitEnd", course.history);
    } catch (error) {
      // What went wrong first must not be lost if telling the callbacks goes wrong, too.
      const also = await notify(this, "onError", error).then(
        () => null,
        (second: unknown) => second,
      );
      throw also === null
        ? error
        : new AggregateError([error, also], `${error} — and onError of a callback: ${also}`);
    }
    return [...course.history];
  }

  /** One pass that changes the weights. */
  async trainEpoch(batches: Batches, position: Position = { epoch: 1, epochs: 1 }): Promise<TrainResult> {
    using _ = this.#occupancy.enter("trainEpoch", this.#course.epoch);
    const course = this.#begin();
    course.epoch = position.epoch;
    return this.#pass(course, position, batches);
  }

  /** Steps of the optimizer so far, over all epochs. */
  get steps(): number {
    return this.#steps;
  }

  /** Why training was stopped, or null. */
  get stopped(): string | null {
    return this.#stopped;
  }

  /** Ends training after the step that is under way; for callbacks. */
  stop(reason = "stopped"): void {
    this.#stopped = reason;
  }

  /** Everything that the trainer itself must remember to go on exactly here, after a step or between epochs. */
  stateDict(): TrainerState {
    return {
      ...this.#course.stateDict(),
      steps: this.#steps,
      shares: this.#lr.shares,
      schedule: this.options.schedule?.stateDict?.() ?? null,
      precision: this.options.precision?.stateDict() ?? null,
      callbacks: this.callbacks.map((callback) => callback.stateDict?.() ?? null),
    };
  }

  /** The next `fit` continues where `stateDict` was taken. A state that does not fit changes nothing. */
  loadStateDict(state: TrainerState): void {
    this.#occupancy.refuse("Trainer.loadStateDict", this.#course.epoch);
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
    this.#course = Course.from(state, this.metrics);
    [this.#resumed, this.#steps, this.#lr.shares] = [resumed, state.steps, state.shares];
    if (state.precision) this.options.precision?.loadStateDict(state.precision);
    if (state.schedule !== null) this.options.schedule?.loadStateDict?.(state.schedule);
    for (const [i, part] of state.callbacks.entries()) {
      if (part !== null) this.callbacks[i].loadStateDict?.(part);
    }
  }

  /** Live tensors of the callbacks' states, by "callbacks.<position>.<name>". */
  tensors(): Record<string, Tensor> {
    return tensorsOf(this);
  }

  #begin(): Course {
    if (!this.#resumed) this.#course = new Course();
    [this.#resumed, this.#stopped] = [false, null];
    return this.#course;
  }

  async #epoch(course: Course, batches: Batches, { epochs = 1, validation }: FitOptions): Promise<void> {
    const position = { epoch: course.epoch, epochs };
    const train = await this.#pass(course, position, batches);
    if (course.tally) return; // stopped in the middle
    const scored = validation ? await this.evaluate(validation, {}, position) : null;
    const result = { epoch: course.epoch, train, validation: scored };
    course.history.push(result);
    course.epoch++;
    this.#lr.observe(result);
    await notify(this, "onEpochEnd", result);
  }

  /** The rest of a pass that was begun before, or a new one. */
  async #pass(course: Course, position: Position, batches: Batches): Promise<TrainResult> {
    course.tally ??= new Tally(this.metrics);
    const { tally } = course;
    this.options.ranks?.check(this, batches);
    await this.#train(this.#visit("trainEpoch", batches, position, tally));
    if (!this.#mustStop()) course.tally = null;
    return tally.trainResult;
  }

  #visit(call: Visit["call"], batches: Batches, position: Position, tally: Tally): Visit {
    const { onProgress, ranks } = this.options;
    const hooks = { onProgress, onStep: this.#tellOfStep, ranks: ranks?.size ?? 1 };
    return new Visit(call, batches, position, tally, hooks);
  }

  /** What the batch came to. Before the loss changes anything: it is finite, and depends on nothing that is not trained. */
  #see(visit: Visit, batch: Batch, output: Tensor, loss: Tensor): Seen {
    ensureFinite(this.model, batch, loss, this.#next(visit));
    ensureKnown(this, loss);
    return seenByAll(seenOf(batch, loss.item(), measure(this.metrics, output, batch)), this.options.ranks);
  }

  /** Who stops stops all ranks: the others would wait for it. */
  #mustStop(): boolean {
    const stopped = this.options.ranks?.sum([this.#stopped === null ? 0 : 1]) ?? [0];
    if (stopped[0] > 0) this.#stopped ??= "stopped by another rank";
    return this.#stopped !== null;
  }

  /** Which step comes next, for messages. */
  #next({ position: { epoch } }: Visit): When {
    return { step: this.#steps + 1, epoch };
  }

  /** Gives the optimizer what it should see: the group's gradients, clipped, and the learning rate. False for a step to be skipped. */
  #beforeStep(visit: Visit, group: Accumulation): boolean {
    const gradNorm = prepareGradients(this.options, group, this.#next(visit));
    if (gradNorm === null) return false;
    this.#lr.set(this.#steps);
    visit.moved = { loss: group.loss, gradNorm };
    return true;
  }

  /** A step gives back all the memory that it took, the gradients included. */
  #afterStep({ tally, moved }: Visit, group: Accumulation): void {
    if (moved) tally.losses.add(group.loss);
    if (moved) this.#steps++; // one that was skipped does not count
    group.reset();
    this.optimizer.zeroGrad();
  }

  /** Of a group that is not whole, where the source did not say how many batches it has. */
  async #lastStep(visit: Visit, group: Accumulation): Promise<void> {
    {
      using _ = scope();
      if (this.#beforeStep(visit, group)) this.optimizer.step();
      this.#afterStep(visit, group);
    }
    await visit.tellOfStep();
  }

  readonly #tellOfStep = async ({ tally, position: { epoch } }: Visit, moved: Moved): Promise<boolean> => {
    const { steps: batch, latest: metrics } = tally;
    const result = { step: this.#steps, epoch, batch, ...moved, lr: this.#lr.value, metrics };
    await notify(this, "onStepEnd", result);
    return this.#mustStop();
  };

  #forgetGradients(): void {
    using _ = scope(); // gives back their memory at once
    this.optimizer.zeroGrad();
  }

  protected override describe(): string {
    return settings({ model: this.model.constructor.name, optimizer: this.optimizer, steps: this.#steps });
  }
}
