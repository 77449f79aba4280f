import { checked, listen, observer, Printed } from "../00-runtime/index.ts";
import { callSite } from "../01-tensor/index.ts";
import { watchCalls } from "../03-layers/index.ts";
import { Profile } from "./profile-result.ts";
import { Recorder } from "./recorder.ts";

/** Options of `profile`. */
export interface ProfileOptions {
  /** Spans kept for the trace; the sums count all of them. */
  readonly maxEvents?: number;
  /** Leaves out what comes before the first operation and after the last: a program that loads and reads files, say. */
  readonly trim?: boolean;
}

/** Where the profile that is running was opened. */
let openedAt: string | null = null;

/** A profile that is running. */
export class ProfileRun extends Printed implements Disposable {
  readonly #recorder: Recorder;
  readonly #watch = watchCalls();
  #result: Profile | null = null;

  readonly #trim: boolean;

  constructor(maxEvents: number, trim: boolean) {
    super();
    this.#trim = trim;
    this.#recorder = new Recorder(this.#watch, maxEvents);
    listen(this.#recorder);
  }

  /** Ends it, and gives what was recorded; once more, the same. */
  stop(): Profile {
    if (this.#result) return this.#result;
    this.#recorder.close();
    const { started, first, last, ownMs } = this.#recorder;
    const wallMs = this.#trim ? Math.max(0, last - first) : performance.now() - ownMs - started;
    if (observer === this.#recorder) listen(null);
    this.#watch[Symbol.dispose]();
    openedAt = null;
    this.#result = new Profile(this.#recorder, wallMs);
    return this.#result;
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  protected override describe(): string {
    return this.#result ? "stopped" : "recording";
  }
}

/**
 * Records what every operation costs: time, floating-point operations, bytes, the heap; by layer and phase.
 *
 * ```ts
 * using run = profile();
 * step();
 * console.log(run.stop().table());
 *
 * const { table, trace } = profile(step); // of one function; await it if the function is async
 * ```
 *
 * An operation is what a program calls. What it calls in turn (operations, kernels) counts as its own, a rule of differentiation
 * and all it calls as backward of the operation that it belongs to.
 *
 * Cost      nothing while no profile runs: a comparison in each call; about 1 µs for each activity while one does, which is taken
 *           out of all times
 * Throws    TypeError if another profile is running: two would take each other's time for their own
 */
export function profile(options?: ProfileOptions): ProfileRun;
export function profile(fn: () => Promise<unknown>, options?: ProfileOptions): Promise<Profile>;
export function profile(fn: () => unknown, options?: ProfileOptions): Profile;
export function profile(
  first: ProfileOptions | (() => unknown) = {},
  second: ProfileOptions = {},
): ProfileRun | Profile | Promise<Profile> {
  if (openedAt !== null)
    throw new TypeError(
      `profile: another profile is running, opened at ${openedAt} — one at a time; leave its block (using run = profile()) ` +
        "or call its stop() first",
    );
  const site = callSite(new Error().stack ?? "");
  const { maxEvents = 200_000, trim = false } = checked(
    "profile",
    typeof first === "function" ? second : first,
    ["maxEvents", "trim"],
  );
  if (!(Number.isInteger(maxEvents) && maxEvents >= 0))
    throw new RangeError(`profile: maxEvents = ${maxEvents} — an integer, 0 or more`);
  const run = new ProfileRun(maxEvents, trim);
  openedAt = site;
  return typeof first === "function" ? during(run, first) : run;
}

function during(run: ProfileRun, fn: () => unknown): Profile | Promise<Profile> {
  let result: unknown;
  try {
    result = fn();
  } catch (error) {
    run.stop();
    throw error;
  }
  if (!(result instanceof Promise)) return run.stop();
  return result.finally(() => run.stop()).then(() => run.stop());
}
