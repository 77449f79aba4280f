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
  /** The scale of the loss, where numbers of 16 bits ask for one. */
  readonly precision?: Json;
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
  const history = state.history as readonly Json[];
  const wrong = history.findIndex((result) => !isEpochResult(fromJson(result)));
  if (wrong >= 0) {
    throw complain(
      `history[${wrong}] is ${brief(history[wrong])} — expected { epoch, train, validation } with the means of a pass`,
    );
  }
  if (state.pass !== null && !isPass(fromJson(state.pass))) {
    throw complain(`pass is ${brief(state.pass)} — expected the sums of a pass, or null`);
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

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const areNumbers = (values: readonly unknown[]): boolean =>
  values.every((value) => typeof value === "number");

/** The numbers of a pass; of one that trained also the loss of every step. */
function isPass(value: unknown, trained = true): boolean {
  if (!isRecord(value) || !isRecord(value.metrics)) return false;
  const { loss, steps, examples, seconds, metrics, losses } = value;
  const trains = !trained || (Array.isArray(losses) && areNumbers(losses));
  return trains && areNumbers([loss, steps, examples, seconds, ...Object.values(metrics)]);
}

const isEpochResult = (value: unknown): boolean =>
  isRecord(value) &&
  Number.isInteger(value.epoch) &&
  isPass(value.train) &&
  (value.validation === null || isPass(value.validation, false));

const brief = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 60);

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
