import { checked, Printed, settings } from "../../00-runtime/index.ts";
import type { EpochResult } from "../progress.ts";
import type { Trainer } from "../trainer.ts";
import type { Callback, FitPlan, Json } from "./callback.ts";
import { Best, checkMonitor, type MonitorOptions } from "./monitor.ts";

/** Options of `EarlyStopping`. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs in a row without improvement after which training ends. */
  readonly patience?: number;
  /** An improvement is one by more than this. */
  readonly minDelta?: number;
}

/**
 * Ends training when a result has stopped improving: from there on a model only learns its examples by heart.
 *
 *   new Trainer({ …, callbacks: [new EarlyStopping({ monitor: "validation.loss", patience: 5 })] })
 *
 * Throws  RangeError for a patience that is no integer ≥ 1, a minDelta < 0, or a monitor that the results do not have
 * Source  Prechelt 1998, Early stopping — but when?
 */
export class EarlyStopping extends Printed implements Callback {
  readonly monitor: string;
  readonly #patience: number;
  readonly #best: Best;

  constructor(options: EarlyStoppingOptions = {}) {
    const {
      monitor = "validation.loss",
      mode,
      patience = 5,
      minDelta = 0,
    } = checked("EarlyStopping", options, ["monitor", "mode", "patience", "minDelta"]);
    super();
    if (!Number.isInteger(patience) || patience < 1) {
      throw new RangeError(`EarlyStopping: patience ${patience} — an integer number of epochs ≥ 1`);
    }
    if (!(minDelta >= 0 && Number.isFinite(minDelta))) {
      throw new RangeError(`EarlyStopping: minDelta ${minDelta} — must be a finite number ≥ 0`);
    }
    [this.monitor, this.#patience] = [monitor, patience];
    this.#best = new Best("EarlyStopping", monitor, mode, minDelta);
  }

  /** The best value so far and its epoch, or null. */
  get best(): { readonly value: number; readonly epoch: number } | null {
    return this.#best.found;
  }

  onFitStart(trainer: Trainer, plan: FitPlan): void {
    checkMonitor("EarlyStopping", this.monitor, trainer, plan);
    if (plan.epoch === 1 && plan.batch === 0) this.#best.forget();
    this.#judge(trainer); // a run that is resumed after it was stopped stays stopped
  }

  onEpochEnd(trainer: Trainer, result: EpochResult): void {
    this.#best.see(result);
    this.#judge(trainer);
  }

  stateDict(): Json {
    return this.#best.stateDict();
  }

  loadStateDict(state: Json): void {
    this.#best.loadStateDict(state);
  }

  #judge(trainer: Trainer): void {
    const { waited, found } = this.#best;
    if (waited < this.#patience) return;
    const best = found
      ? `the best is ${found.value} in epoch ${found.epoch}`
      : "it was never a finite number";
    trainer.stop(`${this.monitor} has not improved for ${waited} epochs; ${best}`);
  }

  protected override describe(): string {
    return settings({ monitor: this.monitor, patience: this.#patience, best: this.best?.value });
  }
}
