import { checked, FormatError, INSPECT, listed } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import { gradNorm, scaleGradients } from "../06-optimizers/index.ts";
import { DivergenceError, type Json, type When } from "../07-training/index.ts";

/** Options of `LossScale`. */
export interface LossScaleOptions {
  /** What the first loss is multiplied by: a power of two changes no digit. */
  readonly lossScale?: number;
  /** The scale doubles after so many steps without an overflow; Infinity keeps it. */
  readonly growthInterval?: number;
}

/** A scale below 1 would make gradients smaller than they are without. */
const LEAST = 1;
/** Beyond this, nothing that float16 holds is left below 1. */
const MOST = 2 ** 24;

/**
 * The factor of the loss that keeps small gradients in the range of float16, found while training: it doubles until gradients
 * overflow, and is halved then. A step whose gradients have overflowed is skipped.
 *
 * For loops without a trainer: `loss.mul(scale.value).backward()`, then `if (scale.unscale(parameters, when)) optimizer.step()`,
 * with clipping in between.
 *
 * Source    Micikevicius et al. 2018, Mixed precision training; the rules of PyTorch's GradScaler
 */
export class LossScale {
  #value: number;
  /** Steps since the last overflow. */
  #good = 0;
  /** Overflows without a step between them, and in all. */
  #inARow = 0;
  #skipped = 0;
  readonly #growthInterval: number;

  constructor(options: LossScaleOptions = {}) {
    const { lossScale = 1024, growthInterval = 2000 } = checked("LossScale", options, [
      "lossScale",
      "growthInterval",
    ]);
    if (!(lossScale >= LEAST && lossScale <= MOST))
      throw new RangeError(
        `MixedPrecisionTrainer: lossScale ${lossScale} — a number from ${LEAST} to ${MOST}, best a power of two`,
      );
    if (!(growthInterval >= 1))
      throw new RangeError(
        `MixedPrecisionTrainer: growthInterval ${growthInterval} — a number of steps ≥ 1, or Infinity for a scale that never grows`,
      );
    [this.#value, this.#growthInterval] = [lossScale, growthInterval];
  }

  [INSPECT](): string {
    return `LossScale(${listed({ value: this.#value, skipped: this.#skipped })})`;
  }

  /** The factor now. */
  get value(): number {
    return this.#value;
  }

  /** Steps that were skipped so far. */
  get skipped(): number {
    return this.#skipped;
  }

  /**
   * Divides the gradients by the scale, before anything looks at their size.
   *
   * Returns  whether they are finite; if not, the step must be skipped
   * Throws   DivergenceError if they are not, and the scale is 1 already: no scale helps then
   */
  // exercise: loss-scale-unscale
  unscale(parameters: readonly Tensor[], { step, epoch }: When, model?: Module): boolean {
    if (this.#value !== 1) scaleGradients(parameters, 1 / this.#value);
    if (Number.isFinite(gradNorm(parameters))) {
      this.#grow();
      return true;
    }
    if (this.#value <= LEAST) throw noScaleHelps(this.#inARow, step, epoch, model);
    this.#value = Math.max(LEAST, this.#value / 2);
    [this.#good, this.#inARow, this.#skipped] = [0, this.#inARow + 1, this.#skipped + 1];
    return false;
  }

  #grow(): void {
    this.#inARow = 0;
    if (++this.#good < this.#growthInterval) return;
    [this.#value, this.#good] = [Math.min(MOST, 2 * this.#value), 0];
  }

  /** What a checkpoint keeps of it. */
  stateDict(): Json {
    return { scale: this.#value, good: this.#good, inARow: this.#inARow, skipped: this.#skipped };
  }

  /** Throws  FormatError for what `stateDict` has not made; nothing is changed then */
  loadStateDict(state: Json): void {
    const { scale, good, inARow, skipped } = (state ?? {}) as Record<string, number>;
    const counts = [good, inARow, skipped].every((count) => Number.isInteger(count) && count >= 0);
    if (!counts || !(scale >= LEAST && scale <= MOST))
      throw new FormatError(
        `LossScale.loadStateDict: ${JSON.stringify(state)} — expected { scale, good, inARow, skipped } of a mixed-precision training`,
      );
    [this.#value, this.#good, this.#inARow, this.#skipped] = [scale, good, inARow, skipped];
  }
}

function noScaleHelps(skipped: number, step: number, epoch: number, model?: Module): DivergenceError {
  const bad = model?.namedParameters().find(([, { grad }]) => grad && !grad.data.every(Number.isFinite));
  const what = bad ? `the gradient of ${bad[0]} is not finite` : "the gradients are not finite";
  return new DivergenceError(
    `MixedPrecisionTrainer: ${what} at step ${step} (epoch ${epoch}), with a loss scale of ${LEAST} and after ${skipped} skipped ` +
      'steps in a row — no scale helps; use { dtype: "bfloat16" }, whose range is that of float32, or find the operation with detectAnomaly()',
  );
}
