import { checked, INSPECT, settings } from "../../00-runtime/index.ts";
import { at, between, cosine, count, positive, type Schedule } from "./schedules.ts";

/**
 * Falls by a factor at given steps.
 *
 *   lr(t) = lr · γ^(number of milestones ≤ t)
 *
 * Throws  RangeError for lr ≤ 0, gamma ≤ 0, or milestones that are no integers ≥ 1 in ascending order
 * Source  PyTorch's MultiStepLR
 */
export class MultiStepLR implements Schedule {
  readonly #lr: number;
  readonly #milestones: readonly number[];
  readonly #gamma: number;

  constructor(options: { lr: number; milestones: readonly number[]; gamma?: number }) {
    const { lr, milestones, gamma = 0.1 } = checked("MultiStepLR", options, ["lr", "milestones", "gamma"]);
    positive("MultiStepLR", { lr, gamma });
    if (!Array.isArray(milestones))
      throw new TypeError(
        `MultiStepLR: milestones of type ${typeof milestones} — a list of steps, such as [30, 80]`,
      );
    if (!milestones.every((step, i) => Number.isInteger(step) && step >= (milestones[i - 1] ?? 1)))
      throw new RangeError(
        `MultiStepLR: milestones = ${milestones.join(", ")} — integers ≥ 1 in ascending order`,
      );
    [this.#lr, this.#milestones, this.#gamma] = [lr, [...milestones], gamma];
  }

  [INSPECT](): string {
    return `MultiStepLR(${settings({ lr: this.#lr, milestones: this.#milestones, gamma: this.#gamma })})`;
  }

  getLr(step: number): number {
    const passed = this.#milestones.filter((milestone) => milestone <= at("MultiStepLR", step)).length;
    return this.#lr * this.#gamma ** passed;
  }
}

/**
 * A share of the rate for some steps, then all of it.
 *
 *   lr(t) = lr·factor for t < steps, then lr
 *
 * Throws  RangeError for lr ≤ 0, a factor outside [0, 1], or steps that are no integer ≥ 1
 * Source  PyTorch's ConstantLR
 */
export class ConstantLR implements Schedule {
  readonly #lr: number;
  readonly #factor: number;
  readonly #steps: number;

  constructor(options: { lr: number; factor?: number; steps?: number }) {
    const { lr, factor = 1 / 3, steps = 5 } = checked("ConstantLR", options, ["lr", "factor", "steps"]);
    positive("ConstantLR", { lr });
    between("ConstantLR", { factor }, 0, 1);
    count("ConstantLR", { steps });
    [this.#lr, this.#factor, this.#steps] = [lr, factor, steps];
  }

  [INSPECT](): string {
    return `ConstantLR(${settings({ lr: this.#lr, factor: this.#factor, steps: this.#steps })})`;
  }

  getLr(step: number): number {
    return at("ConstantLR", step) < this.#steps ? this.#lr * this.#factor : this.#lr;
  }
}

/**
 * Falls to 0 as a power of what is left, and stays there.
 *
 *   lr(t) = lr·(1 − t/steps)^power,  t ≤ steps
 *
 * Throws  RangeError for lr ≤ 0, power ≤ 0, or steps that are no integer ≥ 1
 * Source  PyTorch's PolynomialLR
 */
export class PolynomialLR implements Schedule {
  readonly #lr: number;
  readonly #steps: number;
  readonly #power: number;

  constructor(options: { lr: number; steps?: number; power?: number }) {
    const { lr, steps = 5, power = 1 } = checked("PolynomialLR", options, ["lr", "steps", "power"]);
    positive("PolynomialLR", { lr, power });
    count("PolynomialLR", { steps });
    [this.#lr, this.#steps, this.#power] = [lr, steps, power];
  }

  [INSPECT](): string {
    return `PolynomialLR(${settings({ lr: this.#lr, steps: this.#steps, power: this.#power })})`;
  }

  getLr(step: number): number {
    return this.#lr * (1 - Math.min(at("PolynomialLR", step), this.#steps) / this.#steps) ** this.#power;
  }
}

/**
 * Falls by a factor at every step.
 *
 *   lr(t) = lr · γᵗ
 *
 * Throws  RangeError for lr ≤ 0 or gamma ≤ 0
 * Source  PyTorch's ExponentialLR
 */
export class ExponentialLR implements Schedule {
  readonly #lr: number;
  readonly #gamma: number;

  constructor(options: { lr: number; gamma: number }) {
    const { lr, gamma } = checked("ExponentialLR", options, ["lr", "gamma"]);
    positive("ExponentialLR", { lr, gamma });
    [this.#lr, this.#gamma] = [lr, gamma];
  }

  [INSPECT](): string {
    return `ExponentialLR(${settings({ lr: this.#lr, gamma: this.#gamma })})`;
  }

  getLr(step: number): number {
    return this.#lr * this.#gamma ** at("ExponentialLR", step);
  }
}

/**
 * Falls along half a cosine, then begins anew, each time for tMult times as many steps.
 *
 *   lr(t) = minLr + ½·(lr − minLr)·(1 + cos(π·s/T)),  s steps into a period of T = t0·tMultⁿ
 *
 * Throws  RangeError for lr ≤ 0, a t0 or tMult that is no integer ≥ 1, or a minLr outside [0, lr]
 * Source  Loshchilov & Hutter 2017, SGDR; PyTorch's CosineAnnealingWarmRestarts
 */
export class CosineAnnealingWarmRestarts implements Schedule {
  readonly #lr: number;
  readonly #t0: number;
  readonly #tMult: number;
  readonly #minLr: number;

  constructor(options: { lr: number; t0: number; tMult?: number; minLr?: number }) {
    const {
      lr,
      t0,
      tMult = 1,
      minLr = 0,
    } = checked("CosineAnnealingWarmRestarts", options, ["lr", "t0", "tMult", "minLr"]);
    positive("CosineAnnealingWarmRestarts", { lr });
    count("CosineAnnealingWarmRestarts", { t0, tMult });
    between("CosineAnnealingWarmRestarts", { minLr }, 0, lr);
    [this.#lr, this.#t0, this.#tMult, this.#minLr] = [lr, t0, tMult, minLr];
  }

  [INSPECT](): string {
    return `CosineAnnealingWarmRestarts(${settings({ lr: this.#lr, t0: this.#t0, tMult: this.#tMult, minLr: this.#minLr })})`;
  }

  getLr(step: number): number {
    let [into, period] = [at("CosineAnnealingWarmRestarts", step), this.#t0];
    if (this.#tMult === 1) into %= period;
    for (; into >= period; period *= this.#tMult) into -= period;
    return cosine(this.#lr, this.#minLr, into / period);
  }
}
