import { checked, defaultRandom, expectArgument, Random } from "../00-runtime/index.ts";
import type { Tensor } from "../01-tensor/index.ts";
import type { Module } from "../03-layers/index.ts";
import type { OptimizerState } from "../06-optimizers/index.ts";
import type { Batches } from "./batches.ts";
import type { Callback } from "./callbacks/callback.ts";
import { DivergenceError } from "./divergence.ts";
import { Trainer } from "./trainer.ts";

/** Options of `findLr`. */
export interface FindLrOptions {
  /** The first learning rate. */
  readonly from?: number;
  /** The last one, if the loss does not grow too far before. */
  readonly to?: number;
  readonly steps?: number;
  /** How much of the smoothed loss comes from the steps before, 0 to below 1. */
  readonly smoothing?: number;
  /** Ends when the smoothed loss is so many times the best one. */
  readonly stopAt?: number;
}

/** The loss at every learning rate that was tried, and the rate to take. */
export interface LrCurve {
  readonly lrs: readonly number[];
  readonly losses: readonly number[];
  /** Running means of the losses, freed of their bias towards 0. */
  readonly smoothed: readonly number[];
  /** Where the smoothed loss falls most steeply per power of ten; null if it never falls. */
  readonly suggestion: number | null;
}

type Saved = { stateDict(): OptimizerState<{ lr: number }>; loadStateDict(state: unknown): void };

/**
 * Looks for a good learning rate: trains with one that grows exponentially, until the loss grows as well. Weights,
 * optimizer, generators and the modes of the model's parts are afterwards as they were.
 *
 *   lr(t) = from·(to/from)^(t/(steps − 1))
 *
 *   const { suggestion, lrs, smoothed } = await findLr(trainer, loader);
 *
 * Cost    as many steps as training with `steps`; a copy of the weights and of the optimizer's state
 * Throws  RangeError for rates that do not grow, and counts that are none; the loss function's own errors
 * Source  Smith 2017, Cyclical learning rates for training neural networks
 */
export async function findLr(
  trainer: Trainer,
  batches: Batches,
  search: FindLrOptions = {},
): Promise<LrCurve> {
  const {
    from = 1e-6,
    to = 10,
    steps = 100,
    smoothing = 0.9,
    stopAt = 4,
  } = checked("findLr", search, ["from", "to", "steps", "smoothing", "stopAt"]);
  check({ from, to, steps, smoothing, stopAt });
  expectArgument(trainer instanceof Trainer, "findLr", "trainer", trainer, "a Trainer");
  const restore = snapshot(trainer, batches);
  const curve = new Curve(smoothing);
  const { metrics: _, onProgress: __, ...options } = trainer.options;
  const watch: Callback = {
    onStepEnd: (probe, { loss, lr, step }) => {
      if (curve.add(lr, loss) > curve.limit(stopAt) || step === steps) probe.stop("the search is over");
    },
  };
  const schedule = { getLr: (step: number): number => from * (to / from) ** (step / (steps - 1)) };
  try {
    await new Trainer({ ...options, schedule, callbacks: [watch] }).fit(batches, { epochs: steps });
  } catch (error) {
    if (!(error instanceof DivergenceError) || curve.lrs.length === 0) throw error; // too large a rate ends it as well
  } finally {
    restore();
  }
  return curve.result;
}

class Curve {
  readonly lrs: number[] = [];
  readonly losses: number[] = [];
  readonly smoothed: number[] = [];
  least = Number.POSITIVE_INFINITY;
  readonly #smoothing: number;
  #mean = 0;

  constructor(smoothing: number) {
    this.#smoothing = smoothing;
  }

  add(lr: number, loss: number): number {
    this.lrs.push(lr);
    this.losses.push(loss);
    this.#mean += (1 - this.#smoothing) * (loss - this.#mean);
    const value = this.#mean / (1 - this.#smoothing ** this.losses.length);
    this.smoothed.push(value);
    this.least = Math.min(this.least, value);
    return value;
  }

  /** So many times the least loss; below 0 as far above it as for one of the same size above 0. */
  limit(times: number): number {
    return this.least + (times - 1) * Math.abs(this.least);
  }

  /**
   * The slope is taken over a tenth of the curve, and not in its first tenth, where the mean is of few losses. A fall beyond
   * the least loss is that of a spike, from which a broken training comes back.
   */
  get result(): LrCurve {
    const { lrs, losses, smoothed } = this;
    const reach = Math.ceil(lrs.length / 20);
    const lowest = smoothed.indexOf(this.least);
    let [suggestion, steepest]: [number | null, number] = [null, 0];
    for (let i = 2 * reach; i + reach <= lowest; i++) {
      const [before, after] = [i - reach, i + reach];
      const slope = (smoothed[after] - smoothed[before]) / Math.log10(lrs[after] / lrs[before]);
      if (slope < steepest) [suggestion, steepest] = [lrs[i], slope];
    }
    return { lrs, losses, smoothed, suggestion };
  }
}

/** Remembers everything that a search changes; the function puts it back. */
function snapshot({ model, optimizer }: Trainer, batches: Batches): () => void {
  const saved = optimizer as Partial<Saved>;
  const modes = model.modules().map(([, part]) => [part, part.training] as const);
  const weights = cloned(model.stateDict());
  const lrs = optimizer.groups.map(({ settings }) => settings.lr);
  const state = saved.stateDict?.();
  const memory = state && { ...state, tensors: cloned(state.tensors) };
  const states = [...generators(model, batches)].map((random) => ({ random, state: random.state }));
  return () => {
    model.loadStateDict(weights);
    if (memory) saved.loadStateDict?.(memory);
    for (const [i, { settings }] of optimizer.groups.entries()) settings.lr = lrs[i];
    for (const { random, state } of states) random.state = state;
    for (const [part, training] of modes) part.training = training;
    for (const tensor of [...Object.values(weights), ...Object.values(memory?.tensors ?? {})])
      tensor.storage.free();
  };
}

const cloned = (tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.clone()]));

/** Whatever training draws from: the shared generator, the loader's, those of layers. */
function generators(model: Module, batches: Batches): Set<Random> {
  const holders: object[] = [batches, ...model.modules().map(([, module]) => module)];
  const own = holders.flatMap((holder) => Object.values(holder).filter((value) => value instanceof Random));
  return new Set([defaultRandom, ...own]);
}

function check({ from, to, steps, smoothing, stopAt }: Required<FindLrOptions>): void {
  if (!(from > 0 && to > from && Number.isFinite(to))) {
    throw new RangeError(`findLr: from ${from} to ${to} — learning rates above 0 that grow`);
  }
  if (!Number.isInteger(steps) || steps < 2) {
    throw new RangeError(`findLr: steps ${steps} — an integer number of steps ≥ 2`);
  }
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new RangeError(`findLr: smoothing ${smoothing} — a share from 0 to below 1`);
  }
  if (!(stopAt > 1)) throw new RangeError(`findLr: stopAt ${stopAt} — a multiple of the best loss, above 1`);
}
