import { constants } from "node:os";
import { checked, Printed } from "../../00-runtime/index.ts";
import type { EpochResult } from "../progress.ts";
import type { Trainer } from "../trainer.ts";
import type { Callback } from "./callback.ts";

type Signal = "SIGINT" | "SIGTERM";

/** Options of `Interrupt`. */
export interface InterruptOptions {
  /** Says that the signal was understood. */
  readonly onNotice?: (notice: string) => void;
  /** Ends the process; replaced in tests. */
  readonly exit?: (code: number) => void;
}

/**
 * Ctrl-C while training finishes the step, lets the other callbacks save, and ends the process with code 130 (143 for
 * SIGTERM, which batch systems send before they kill). A second one ends it at once.
 *
 *   new Trainer({ …, callbacks: [new Checkpoints({ folder, loader }), new Interrupt()] })
 */
export class Interrupt extends Printed implements Callback {
  readonly last = true;
  readonly #options: Required<InterruptOptions>;
  #remove = (): void => {};
  #signal: Signal | null = null;

  constructor(options: InterruptOptions = {}) {
    const {
      onNotice = (notice) => process.stderr.write(`${notice}\n`),
      exit = (code) => process.exit(code),
    } = checked<InterruptOptions>("Interrupt", options, ["onNotice", "exit"]);
    super();
    this.#options = { onNotice, exit };
  }

  onFitStart(trainer: Trainer): void {
    this.#remove();
    this.#signal = null;
    const handle = (signal: Signal): void => {
      if (this.#signal) {
        this.#options.exit(codeOf(signal));
        return;
      }
      this.#signal = signal;
      this.#options.onNotice(`${signal}: finishing the step; once more to stop at once`);
      trainer.stop("interrupted");
    };
    process.on("SIGINT", handle).on("SIGTERM", handle);
    this.#remove = () => process.off("SIGINT", handle).off("SIGTERM", handle);
  }

  async onFitEnd(trainer: Trainer, history: readonly EpochResult[]): Promise<void> {
    if (this.#signal) {
      // The process ends here: whoever comes later in the list must have had their turn.
      const later = trainer.callbacks.slice(trainer.callbacks.indexOf(this) + 1);
      for (const callback of later) await callback.onFitEnd?.(trainer, history);
    }
    this.#remove(); // only now: a second signal while the others save still ends it at once
    if (this.#signal) this.#options.exit(codeOf(this.#signal));
  }

  onError(): void {
    this.#remove();
  }

  protected override describe(): string {
    return this.#signal ?? "";
  }
}

/** What shells report for a process ended by a signal. */
const codeOf = (signal: Signal): number => 128 + constants.signals[signal];
