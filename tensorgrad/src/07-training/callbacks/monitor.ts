import { FormatError } from "../../00-runtime/index.ts";
import { checkDirection, type Direction, directionOf, gain } from "../../06-optimizers/index.ts";
import type { EpochResult } from "../progress.ts";
import type { Json } from "./callback.ts";

/** Which number is watched, and what is an improvement. */
export interface MonitorOptions {
  /** Which number of an epoch's result counts: "validation.loss", "validation.accuracy", "train.loss" … */
  readonly monitor?: string;
  /** Whether less or more is better; without it the name of the result decides, see `directionOf`. */
  readonly mode?: Direction | undefined;
}

/**
 * At the start of a training, rather than after its first epoch: whether its results will have that number.
 *
 * Throws  RangeError for a name that they will not have
 */
export function checkMonitor(
  call: string,
  monitor: string,
  { metrics }: { readonly metrics: object },
  { validation }: { readonly validation: boolean },
): void {
  const phases = validation ? ["train", "validation"] : ["train"];
  const known = phases.flatMap((phase) =>
    ["loss", ...Object.keys(metrics)].map((name) => `${phase}.${name}`),
  );
  if (!known.includes(monitor)) throw unknown(call, monitor, known, validation);
}

function unknown(call: string, monitor: string, known: readonly string[], validation: boolean): RangeError {
  const remedy =
    monitor.startsWith("validation.") && !validation
      ? "give fit a { validation } set, or watch the training"
      : "choose one of these";
  return new RangeError(`${call}: monitor "${monitor}" — this training has ${known.join(", ")}; ${remedy}`);
}

/**
 * One number of an epoch's result, by name.
 *
 * Throws  RangeError for a name that the result does not have
 */
export function monitored(call: string, monitor: string, { train, validation }: EpochResult): number {
  const values = Object.entries({ train, validation }).flatMap(([phase, pass]) =>
    pass
      ? Object.entries({ loss: pass.loss, ...pass.metrics }).map(
          ([name, value]) => [`${phase}.${name}`, value] as const,
        )
      : [],
  );
  const found = values.find(([name]) => name === monitor);
  if (found) return found[1];
  throw unknown(
    call,
    monitor,
    values.map(([name]) => name),
    validation !== null,
  );
}

/** The best value of a result so far, and how long ago that was. */
export class Best {
  found: { readonly value: number; readonly epoch: number } | null = null;
  /** Epochs since. */
  waited = 0;
  readonly #call: string;
  readonly #monitor: string;
  readonly #direction: Direction;
  readonly #minDelta: number;

  constructor(call: string, monitor: string, mode: MonitorOptions["mode"], minDelta = 0) {
    checkDirection(call, mode);
    [this.#call, this.#monitor, this.#minDelta] = [call, monitor, minDelta];
    this.#direction = mode ?? directionOf(monitor);
  }

  /** Whether this epoch is the best so far. NaN and ∞ never are. */
  // exercise: early-stopping-best
  see(result: EpochResult): boolean {
    const value = monitored(this.#call, this.#monitor, result);
    const better = !this.found || gain(this.#direction, value, this.found.value) > this.#minDelta;
    const best = better && Number.isFinite(value);
    if (best) this.found = { value, epoch: result.epoch };
    this.waited = best ? 0 : this.waited + 1;
    return best;
  }

  forget(): void {
    [this.found, this.waited] = [null, 0];
  }

  stateDict(): Json {
    return { found: this.found && { ...this.found }, waited: this.waited };
  }

  loadStateDict(state: Json): void {
    const { found, waited } = (state ?? {}) as Partial<Pick<Best, "found" | "waited">>;
    const known = found === null || (Number.isFinite(found?.value) && Number.isInteger(found?.epoch));
    if (!known || !Number.isInteger(waited)) {
      throw new FormatError(
        `${this.#call}.loadStateDict: ${JSON.stringify(state)} — expected { found: { value, epoch } or null, waited }`,
      );
    }
    [this.found, this.waited] = [found ?? null, waited ?? 0];
  }
}
