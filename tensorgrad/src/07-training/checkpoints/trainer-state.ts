import { FormatError } from "../../00-runtime/index.ts";
import type { ScheduleState } from "../../06-optimizers/index.ts";
import type { Callback, Json } from "../callbacks/callback.ts";

/** Where training stands, as plain JSON: what a resumed run needs beside model, optimizer, loader and generator. */
export interface TrainerState {
  /** The epoch that is running or comes next, counted from 1. */
  readonly epoch: number;
  /** Batches finished in it. */
  readonly batch: number;
  /** Steps taken so far, over all epochs. */
  readonly steps: number;
  /** The learning rate of each group of parameters, as a multiple of the first one's. */
  readonly shares: readonly number[];
  /** Sums over the batches finished in this epoch, or null between epochs. */
  readonly pass: Json;
  /** The results of all finished epochs. */
  readonly history: Json;
  /** Of the schedule, and of each callback; null where there is nothing to remember. */
  readonly schedule: ScheduleState | null;
  readonly callbacks: readonly Json[];
}

/** Throws  FormatError for what is not the state of a trainer with these callbacks and so many groups of parameters */
export function checkState(state: TrainerState, callbacks: readonly Callback[], groups: number): void {
  const complain = (what: string): FormatError => new FormatError(`Trainer.loadStateDict: ${what}`);
  if (typeof state !== "object" || state === null) {
    throw complain(
      `got ${state === null ? "null" : typeof state} — expected what stateDict() of a trainer returned`,
    );
  }
  const counts = { epoch: 1, batch: 0, steps: 0 } as const;
  for (const [name, least] of Object.entries(counts) as [keyof typeof counts, number][]) {
    if (Number.isInteger(state[name]) && state[name] >= least) continue;
    throw complain(`${name} is ${JSON.stringify(state[name])} — expected an integer ≥ ${least}`);
  }
  const lists = { history: state.history, shares: state.shares, callbacks: state.callbacks };
  for (const [name, list] of Object.entries(lists)) {
    if (!Array.isArray(list)) throw complain(`${name} is ${JSON.stringify(list)} — expected a list`);
  }
  if (state.callbacks.length !== callbacks.length) {
    throw complain(
      `the state of ${state.callbacks.length} callback(s) for a trainer with ${callbacks.length} — make the trainer with ` +
        "the same callbacks, in the same order",
    );
  }
  if (state.shares.length !== groups || !state.shares.every(Number.isFinite)) {
    throw complain(
      `shares are ${JSON.stringify(state.shares)} — expected a number for each of the optimizer's ${groups} group(s)`,
    );
  }
}

const named = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** Numbers that JSON lacks become strings: a loss or a metric may be NaN. */
export function toJson(value: unknown): Json {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, toJson(part)]));
  }
  return value as Json;
}

export function fromJson(value: Json): unknown {
  if (typeof value === "string") return named.get(value) ?? value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fromJson(part)]));
  }
  return value;
}
