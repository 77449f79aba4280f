import { checked, HeapError, observing, tape } from "../../00-runtime/index.ts";
import { isRecordingAll, isSearching, type Tensor } from "../../01-tensor/index.ts";
import type { Optimizer } from "../../06-optimizers/index.ts";
import { difference, looksAlike } from "./compare.ts";
import { CaptureGuards } from "./guards.ts";
import { type Recorded, record, type Step } from "./record.ts";
import { shown } from "./recording.ts";
import { ANOTHER_WAY, Replay, type ReplayReport } from "./replay.ts";
import { type Flat, flat, withTensors } from "./values.ts";

/** So many recordings in a row that differ, and the step is refused. */
const PATIENCE = 5;
/** So many ways to call a step are remembered, the latest ones. */
const MOST = 8;

/** What became of the calls of a captured step. */
export interface CaptureReport {
  /** Calls that ran the step's JavaScript and wrote down what it did. */
  readonly recordings: number;
  /** Calls that only repeated what was written down. */
  readonly replays: number;
  /** Of every recording in use, the latest first. */
  readonly plans: readonly ReplayReport[];
}

export interface CaptureOptions {
  /** Whether chains of element-wise kernels become one pass over memory. */
  readonly fuse?: boolean;
}

export interface CapturedStep<Args extends unknown[], Result> {
  (...args: Args): Result;
  /** What was recorded, what was fused, and how often it was replayed. */
  report(): CaptureReport;
}

/** One way to call the step: these shapes, these settings. */
interface Way {
  guards: CaptureGuards;
  recorded: Recorded;
  replay: Replay | null;
  /** Recordings in a row that differ from the one before, and replays that were given up before they were made once; and why. */
  failures: number;
  lost: number;
  reason: string;
}

/**
 * Records a training or inference step and repeats it without its JavaScript: the same kernels, in the same order, over memory
 * that was planned once. Results are equal bit for bit.
 *
 *   const step = capture((x: Tensor, y: Tensor) => {
 *     const loss = crossEntropy(model.forward(x), y);
 *     optimizer.zeroGrad();
 *     loss.backward();
 *     optimizer.step();
 *     return loss;
 *   });
 *   for (const { x, y } of loader) console.log(step(x, y).item());
 *
 * The first calls run as they are and are written down, until two of them did the same; from then on calls are replays. Another
 * shape, dtype, mode, parameter, or any other argument is recorded in its turn. Tensors among the arguments are data: they are
 * copied. What lives on from call to call must be a parameter, a state of an optimizer, a running statistic or a generator:
 * those are read anew in every replay, learning rates and counts of steps included.
 *
 * A step ends like a scope: what it makes is freed, but for what it returns and gradients. A result stands in memory of the
 * replay: the next call writes over it, and reading it then is an error.
 *
 * Throws    TypeError where the step reads numbers of a tensor, draws in JavaScript, returns a graph, or changes from call to call
 */
export function capture<Args extends unknown[], Result>(
  step: (...args: Args) => Result,
  options: CaptureOptions = {},
): CapturedStep<Args, Result> {
  const { fuse = true } = checked("capture", options, ["fuse"]);
  if (typeof step !== "function")
    throw new TypeError(`capture: a step of type ${typeof step} — expected a function: capture((x, y) => …)`);
  const captured = new Capture(step as Step<unknown[], unknown>, fuse);
  const call = (...args: Args): Result => captured.call(args) as Result;
  return Object.assign(call, { report: () => captured.report() });
}

class Capture {
  readonly #step: Step<unknown[], unknown>;
  readonly #fuse: boolean;
  readonly #leaves = new Set<Tensor>();
  readonly #optimizers = new Set<Optimizer<{ lr: number }>>();
  /** The latest first. */
  #ways: Way[] = [];
  #recordings = 0;
  #replays = 0;

  constructor(step: Step<unknown[], unknown>, fuse: boolean) {
    [this.#step, this.#fuse] = [step, fuse];
  }

  report(): CaptureReport {
    const plans = this.#ways.flatMap(({ replay }) => (replay ? { ...replay.report } : []));
    return { recordings: this.#recordings, replays: this.#replays, plans };
  }

  call(args: unknown[]): unknown {
    // Who wants to see every operation, or is recorded as a part of something larger, gets the step itself.
    if (tape !== null || isRecordingAll() || isSearching()) return this.#step(...args);
    const given = flat(args);
    checkArguments(given);
    const ways = this.#ways.filter(({ guards }) => guards.fit(given));
    for (const way of ways) {
      const result = this.#repeat(way, given);
      if (result !== ANOTHER_WAY) return result;
    }
    for (const way of ways) refuseChanging(way);
    return this.#record(args, given, ways);
  }

  #repeat(way: Way, given: Flat): unknown {
    if (way.replay === null) return ANOTHER_WAY;
    const change = way.guards.change();
    if (change !== null) {
      way.reason = change;
      way.lost++;
      way.replay = null; // its memory may go
      return ANOTHER_WAY;
    }
    using _seen = observing("operation", "capturedStep", null);
    const result = way.replay.run(given.tensors);
    if (result === ANOTHER_WAY) return result;
    way.lost = 0;
    this.#replays++;
    if (this.#ways[0] !== way) this.#ways = [way, ...this.#ways.filter((other) => other !== way)];
    return result;
  }

  /** Without memory for a replay, calls go on as they are: this one has been made. */
  #planned(recorded: Recorded): Replay | null {
    try {
      return new Replay(recorded, this.#fuse);
    } catch (error) {
      if (error instanceof HeapError) return null;
      throw error;
    }
  }

  #record(args: unknown[], given: Flat, ways: readonly Way[]): unknown {
    const recorded = record(this.#step, args, { leaves: this.#leaves, optimizers: this.#optimizers });
    this.#recordings++;
    for (const { tensor } of recorded.leaves) this.#leaves.add(tensor);
    for (const optimizer of recorded.recording.optimizers.keys()) this.#optimizers.add(optimizer);
    const before = ways.find((way) => way.replay === null && looksAlike(way.recorded, recorded)) ?? null;
    const reason = recorded.unsettled ?? (before && difference(before.recorded, recorded));
    const settled = before !== null && reason === null;
    const way: Way = {
      guards: new CaptureGuards(given, recorded),
      recorded,
      replay: settled ? this.#planned(recorded) : null,
      failures: settled ? 0 : (before?.failures ?? 0) + 1,
      lost: before?.lost ?? 0,
      reason: reason ?? before?.reason ?? "",
    };
    this.#ways = [way, ...this.#ways.filter((other) => other !== before)].slice(0, MOST);
    const { inputs, returned } = recorded;
    return withTensors(returned, (x) => given.tensors[inputs.findIndex(({ tensor }) => tensor === x)] ?? x);
  }
}

/** Arguments are data. */
function checkArguments({ tensors }: Flat): void {
  const i = tensors.findIndex((x) => x.requiresGrad);
  if (i < 0) return;
  throw new TypeError(
    `capture: tensor ${i} of the arguments, ${shown(tensors[i])}, requires a gradient — arguments are copied, and no gradient would ` +
      "come back; use parameters from outside of the step, and pass data detached",
  );
}

function refuseChanging({ failures, lost, reason }: Way): void {
  if (failures < PATIENCE && lost < 2 * PATIENCE) return;
  throw new TypeError(
    `capture: ${failures + lost} recordings of the step, and it still changes from call to call: ${reason} — a replay would repeat the latest; ` +
      "pass what changes as a tensor, set rates by the optimizer's settings, or call the step uncaptured",
  );
}
