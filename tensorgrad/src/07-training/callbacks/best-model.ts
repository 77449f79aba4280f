import { checked, give, Printed, settings } from "../../00-runtime/index.ts";
import type { Tensor } from "../../01-tensor/index.ts";
import type { Module } from "../../03-layers/index.ts";
import type { EpochResult } from "../progress.ts";
import type { Trainer } from "../trainer.ts";
import type { Callback, FitPlan, Json } from "./callback.ts";
import { Best, checkMonitor, type MonitorOptions } from "./monitor.ts";

/**
 * Keeps a copy of the weights of the best epoch, in memory.
 *
 *   const best = new BestModel({ monitor: "validation.accuracy" });
 *   await new Trainer({ …, callbacks: [best] }).fit(loader, { epochs: 20, validation });
 *   best.restore();
 *
 * Memory    one more copy of all parameters and buffers
 * Throws    RangeError for a monitor that the results do not have, and for `restore` before the first epoch's end
 */
export class BestModel extends Printed implements Callback {
  readonly monitor: string;
  readonly #best: Best;
  #model: Module | null = null;
  #copies: Record<string, Tensor> = {};

  constructor(options: MonitorOptions = {}) {
    const { monitor = "validation.loss", mode } = checked("BestModel", options, ["monitor", "mode"]);
    super();
    this.monitor = monitor;
    this.#best = new Best("BestModel", monitor, mode);
  }

  /** The best value so far and its epoch, or null. */
  get best(): { readonly value: number; readonly epoch: number } | null {
    return this.#best.found;
  }

  onFitStart(trainer: Trainer, plan: FitPlan): void {
    checkMonitor("BestModel", this.monitor, trainer, plan);
    if (plan.epoch === 1 && plan.batch === 0) this.#best.forget();
    this.#attach(trainer.model);
  }

  onEpochEnd({ model }: Trainer, result: EpochResult): void {
    if (!this.#best.see(result)) return;
    for (const [name, tensor] of Object.entries(model.stateDict())) this.#copies[name].assign(tensor);
  }

  /** Gives the model the weights of its best epoch. */
  restore(): void {
    if (!this.#model || !this.#best.found) {
      throw new RangeError(
        "BestModel.restore: no epoch has ended yet — fit a trainer that has this callback first",
      );
    }
    this.#model.loadStateDict(this.#copies);
  }

  /** The copies, which belong to a checkpoint; before the first epoch's end just memory of the right shapes. */
  tensors(trainer: Trainer): Readonly<Record<string, Tensor>> {
    this.#attach(trainer.model);
    return this.#copies;
  }

  stateDict(): Json {
    return this.#best.stateDict();
  }

  loadStateDict(state: Json): void {
    this.#best.loadStateDict(state);
  }

  /** Copies live as long as what they are copies of. */
  #attach(model: Module): void {
    if (this.#model === model) return;
    this.#model = model;
    const copies = Object.entries(model.stateDict()).map(([name, tensor]): [string, Tensor] => {
      const copy = tensor.clone();
      give(copy.storage, tensor.storage.owner ?? null);
      return [name, copy];
    });
    this.#copies = Object.fromEntries(copies);
  }

  protected override describe(): string {
    return settings({ monitor: this.monitor, best: this.best?.value });
  }
}
