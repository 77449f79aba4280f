import { checked, Printed, settings } from "../../00-runtime/index.ts";
import { checkDirection, type Direction, directionOf, gain } from "./direction.ts";
import { at, between, count, positive, type Schedule, type ScheduleState } from "./schedules.ts";

/** Options of `ReduceLROnPlateau`. */
export interface PlateauOptions {
  readonly lr: number;
  /** What the rate is multiplied by. */
  readonly factor?: number;
  /** Epochs without improvement that are put up with. */
  readonly patience?: number;
  /** An improvement is one by more than this share of the best value's size ("rel"), or by more than this ("abs"). */
  readonly threshold?: number;
  readonly thresholdMode?: "rel" | "abs";
  /** Whether less or more is better; without it the name of the result decides, see `directionOf`. */
  readonly mode?: Direction | undefined;
  /** Epochs after a reduction in which nothing is counted. */
  readonly cooldown?: number;
  readonly minLr?: number;
  /** Which result of an epoch to look at: "train.loss", "validation.loss", "validation.accuracy" … */
  readonly monitor?: string;
}

/** Reductions smaller than this are not made: PyTorch's eps. */
const LEAST_CHANGE = 1e-8;

/**
 * Falls by a factor when a result has stopped improving. The only schedule with a memory: `observe(value)` after
 * every epoch (a Trainer does it), `stateDict` for checkpoints.
 *
 *   lr ← max(lr·factor, minLr) after more than `patience` epochs without improvement
 *
 * Throws  RangeError for lr ≤ 0, a factor outside (0, 1), and counts that are no integers ≥ 0
 * Source  PyTorch's ReduceLROnPlateau, which takes the share of a negative value in the other direction
 */
export class ReduceLROnPlateau extends Printed implements Schedule {
  readonly monitor: string;
  readonly #options: Required<PlateauOptions> & { readonly mode: Direction };
  #lr: number;
  #best: number | null = null;
  #bad = 0;
  #cooling = 0;

  constructor(options: PlateauOptions) {
    const {
      lr,
      factor = 0.1,
      patience = 10,
      threshold = 1e-4,
      thresholdMode = "rel",
      cooldown = 0,
      minLr = 0,
      monitor = "validation.loss",
      mode,
    } = checked("ReduceLROnPlateau", options, [
      "lr",
      "factor",
      "patience",
      "threshold",
      "thresholdMode",
      "mode",
      "cooldown",
      "minLr",
      "monitor",
    ]);
    super();
    positive("ReduceLROnPlateau", { lr, factor });
    between("ReduceLROnPlateau", { factor }, 0, 1 - Number.EPSILON);
    count("ReduceLROnPlateau", { patience, cooldown }, 0);
    between("ReduceLROnPlateau", { threshold }, 0, Number.MAX_VALUE);
    between("ReduceLROnPlateau", { minLr }, 0, lr);
    checkDirection("ReduceLROnPlateau", mode);
    if (thresholdMode !== "rel" && thresholdMode !== "abs") {
      throw new RangeError(`ReduceLROnPlateau: thresholdMode "${thresholdMode}" — expected "rel" or "abs"`);
    }
    this.#options = {
      lr,
      factor,
      patience,
      threshold,
      thresholdMode,
      mode: mode ?? directionOf(monitor),
      cooldown,
      minLr,
      monitor,
    };
    [this.#lr, this.monitor] = [lr, monitor];
  }

  getLr(step: number): number {
    at("ReduceLROnPlateau", step);
    return this.#lr;
  }

  /** One epoch's result. NaN is no improvement. */
  observe(value: number): void {
    const { factor, patience, cooldown, minLr } = this.#options;
    if (this.#improves(value)) [this.#best, this.#bad] = [value, 0];
    else this.#bad++;
    if (this.#cooling > 0) [this.#cooling, this.#bad] = [this.#cooling - 1, 0];
    if (this.#bad <= patience) return;
    const reduced = Math.max(this.#lr * factor, minLr);
    if (this.#lr - reduced > LEAST_CHANGE) this.#lr = reduced;
    [this.#cooling, this.#bad] = [cooldown, 0];
  }

  stateDict(): ScheduleState {
    return { lr: this.#lr, best: this.#best, bad: this.#bad, cooling: this.#cooling };
  }

  loadStateDict({ lr, best, bad, cooling }: ScheduleState): void {
    positive("ReduceLROnPlateau.loadStateDict", { lr: Number(lr) });
    count("ReduceLROnPlateau.loadStateDict", { bad: Number(bad ?? NaN), cooling: Number(cooling ?? NaN) }, 0);
    [this.#lr, this.#best] = [Number(lr), best ?? null];
    [this.#bad, this.#cooling] = [Number(bad), Number(cooling)];
  }

  #improves(value: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    if (this.#best === null) return Number.isFinite(value);
    // Of the best value's size: a share of a negative value would be a step in the wrong direction.
    const least = thresholdMode === "rel" ? threshold * Math.abs(this.#best) : threshold;
    return gain(mode, value, this.#best) > least;
  }

  protected override describe(): string {
    return settings({ ...this.#options, lr: this.#lr });
  }
}
