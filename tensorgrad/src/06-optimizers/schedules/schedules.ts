import { checked, Printed, settings, written } from "../../00-runtime/index.ts";
/** What a schedule remembers, where it is more than a function of the step. */
export type ScheduleState = Readonly<Record<string, number | null>>;

/** The learning rate of every step, counted from 0. */
export interface Schedule {
  /** The learning rate of step number `step`, counted from 0. */
  getLr(step: number): number;
  /** Which result `observe` wants after every epoch, such as "validation.loss"; undefined for functions of the step alone. */
  readonly monitor?: string | undefined;
  /** What was measured after an epoch, for schedules that wait for it. */
  observe?(value: number): void;
  /** What a checkpoint keeps of it. */
  stateDict?(): ScheduleState;
  /** Goes on from what `stateDict` gave. */
  loadStateDict?(state: ScheduleState): void;
}

/**
 * Falls by a factor every so many steps.
 *
 *   lr(t) = lr · γ^⌊t/stepSize⌋
 *
 * Throws  RangeError for lr ≤ 0, a stepSize that is no integer ≥ 1, or gamma ≤ 0
 * Source  PyTorch's StepLR
 */
export class StepLR extends Printed implements Schedule {
  readonly #lr: number;
  readonly #stepSize: number;
  readonly #gamma: number;

  constructor(options: { lr: number; stepSize: number; gamma?: number }) {
    const { lr, stepSize, gamma = 0.1 } = checked("StepLR", options, ["lr", "stepSize", "gamma"]);
    super();
    positive("StepLR", { lr, gamma });
    count("StepLR", { stepSize });
    [this.#lr, this.#stepSize, this.#gamma] = [lr, stepSize, gamma];
  }

  getLr(step: number): number {
    return this.#lr * this.#gamma ** Math.floor(at("StepLR", step) / this.#stepSize);
  }

  protected override describe(): string {
    return settings({ lr: this.#lr, stepSize: this.#stepSize, gamma: this.#gamma });
  }
}

/**
 * Falls along half a cosine from lr to minLr, and stays there.
 *
 *   lr(t) = minLr + ½·(lr − minLr)·(1 + cos(π·t/steps)),  t ≤ steps
 *
 * Throws  RangeError for lr ≤ 0, steps that are no integer ≥ 1, or a minLr outside [0, lr]
 * Source  Loshchilov & Hutter 2017, SGDR; PyTorch's CosineAnnealingLR (which would rise again after `steps`)
 */
export class CosineSchedule extends Printed implements Schedule {
  readonly #lr: number;
  readonly #steps: number;
  readonly #minLr: number;

  constructor(options: { lr: number; steps: number; minLr?: number }) {
    const { lr, steps, minLr = 0 } = checked("CosineSchedule", options, ["lr", "steps", "minLr"]);
    super();
    positive("CosineSchedule", { lr });
    count("CosineSchedule", { steps });
    between("CosineSchedule", { minLr }, 0, lr);
    [this.#lr, this.#steps, this.#minLr] = [lr, steps, minLr];
  }

  getLr(step: number): number {
    return cosine(this.#lr, this.#minLr, Math.min(1, at("CosineSchedule", step) / this.#steps));
  }

  protected override describe(): string {
    return settings({ lr: this.#lr, steps: this.#steps, minLr: this.#minLr });
  }
}

/**
 * Rises in a straight line to where another schedule begins, then follows it from its own step 0.
 *
 *   lr(t) = inner(0)·(f + (1 − f)·t/steps),  t < steps;  inner(t − steps) afterwards;  f = 1/(steps + 1) unless given
 *
 *   new LinearWarmup(new CosineSchedule({ lr: 0.01, steps: 900 }), { steps: 100 })
 *
 * Early gradients of a fresh model are large and Adam's means are of few numbers: small steps keep them from doing harm.
 *
 * Throws  RangeError for steps that are no integer ≥ 1, or a startFactor outside [0, 1]
 * Source  Goyal et al. 2017, Accurate, large minibatch SGD; PyTorch's LinearLR followed by another in SequentialLR
 */
export class LinearWarmup extends Printed implements Schedule {
  readonly #inner: Schedule;
  readonly #steps: number;
  readonly #start: number;

  constructor(inner: Schedule, options: { steps: number; startFactor?: number }) {
    const { steps, startFactor } = checked("LinearWarmup", options, ["steps", "startFactor"]);
    super();
    if (typeof inner?.getLr !== "function") {
      throw new TypeError(
        `LinearWarmup: ${inner === null ? "null" : typeof inner} — expected the schedule that follows, such as new CosineSchedule({ lr, steps })`,
      );
    }
    count("LinearWarmup", { steps });
    const start = startFactor ?? 1 / (steps + 1);
    between("LinearWarmup", { startFactor: start }, 0, 1);
    [this.#inner, this.#steps, this.#start] = [inner, steps, start];
  }

  getLr(step: number): number {
    if (at("LinearWarmup", step) >= this.#steps) return this.#inner.getLr(step - this.#steps);
    return this.#inner.getLr(0) * (this.#start + (1 - this.#start) * (step / this.#steps));
  }

  get monitor(): string | undefined {
    return this.#inner.monitor;
  }

  observe(value: number): void {
    this.#inner.observe?.(value);
  }

  stateDict(): ScheduleState {
    return this.#inner.stateDict?.() ?? {};
  }

  loadStateDict(state: ScheduleState): void {
    this.#inner.loadStateDict?.(state);
  }

  protected override describe(): string {
    return `${written(this.#inner)}, ${settings({ steps: this.#steps, startFactor: this.#start })}`;
  }
}

/** Options of `OneCycle`. */
export interface OneCycleOptions {
  readonly maxLr: number;
  /** All steps of the training; afterwards the last rate stays. */
  readonly steps: number;
  /** The share of the steps in which the rate rises. */
  readonly pctStart?: number;
  /** The first rate is maxLr/divFactor. */
  readonly divFactor?: number;
  /** The last rate is the first one/finalDivFactor. */
  readonly finalDivFactor?: number;
  readonly anneal?: "cosine" | "linear";
}

/**
 * Up from a small rate to a large one, then down to almost nothing.
 *
 *   rises over the steps 0 … pctStart·steps − 1 from maxLr/divFactor to maxLr, falls until step steps − 1
 *
 * Throws  RangeError for rates or factors ≤ 0, a pctStart outside [0, 1], or steps that are no integer ≥ 2
 * Source  Smith & Topin 2018, Super-convergence; PyTorch's OneCycleLR with two phases
 */
export class OneCycle extends Printed implements Schedule {
  readonly #options: Required<OneCycleOptions>;

  constructor(options: OneCycleOptions) {
    const {
      maxLr,
      steps,
      pctStart = 0.3,
      divFactor = 25,
      finalDivFactor = 1e4,
      anneal = "cosine",
    } = checked("OneCycle", options, ["maxLr", "steps", "pctStart", "divFactor", "finalDivFactor", "anneal"]);
    super();
    positive("OneCycle", { maxLr, divFactor, finalDivFactor });
    count("OneCycle", { steps }, 2);
    between("OneCycle", { pctStart }, 0, 1);
    if (anneal !== "cosine" && anneal !== "linear") {
      throw new RangeError(`OneCycle: anneal "${anneal}" — expected "cosine" or "linear"`);
    }
    this.#options = { maxLr, steps, pctStart, divFactor, finalDivFactor, anneal };
  }

  getLr(step: number): number {
    const { maxLr, steps, pctStart, divFactor, finalDivFactor, anneal } = this.#options;
    const move = anneal === "cosine" ? cosine : line;
    const [first, top, end] = [maxLr / divFactor, pctStart * steps - 1, steps - 1];
    const t = Math.min(at("OneCycle", step), end);
    if (t <= top && top > 0) return move(first, maxLr, t / top);
    return move(maxLr, first / finalDivFactor, (t - top) / (end - top));
  }

  protected override describe(): string {
    return settings(this.#options);
  }
}

/** A share from 0 to 1 of the way from a to b, along half a cosine. */
export const cosine = (a: number, b: number, share: number): number =>
  b + ((a - b) / 2) * (1 + Math.cos(Math.PI * share));

const line = (a: number, b: number, share: number): number => a + (b - a) * share;

// ————————————————————————————————————————————————————————————————————————————————————————————— checks

type Settings = Readonly<Record<string, number>>;

/** The step asked for, if it is one. */
export function at(call: string, step: number): number {
  if (Number.isInteger(step) && step >= 0) return step;
  throw new RangeError(`${call}.getLr: step ${step} — steps are counted 0, 1, 2, …`);
}

export function positive(call: string, settings: Settings): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value > 0 && Number.isFinite(value)) continue;
    throw new RangeError(`${call}: ${name} = ${value} — must be a finite number above 0`);
  }
}

export function count(call: string, settings: Settings, least = 1): void {
  for (const [name, value] of Object.entries(settings)) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new RangeError(`${call}: ${name} = ${value} — must be an integer ≥ ${least}`);
  }
}

export function between(call: string, settings: Settings, least: number, most: number): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value >= least && value <= most) continue;
    throw new RangeError(`${call}: ${name} = ${value} — must be a number from ${least} to ${most}`);
  }
}
