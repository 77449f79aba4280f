import { Random, type RandomState } from "../../00-runtime/index.ts";
import type { Sampler } from "./sampler.ts";

/** Where a loader is: plain data, fit for JSON. */
export interface LoaderState {
  /** The generator as the running pass found it; null between passes. */
  readonly pass: RandomState | null;
  /** How many batches of that pass were handed out. */
  readonly batch: number;
  /** How many passes came before it; 0 where a state of an older version does not say. */
  readonly passes?: number;
}

/** Draws for the examples of a batch: the generator of its k-th example. It also knows how many passes came before. */
export interface ExampleRandom {
  (k: number): Random;
  readonly pass?: number;
}

/**
 * One pass over the data: its order, and how far it has come. All of it follows from the generator's state at the
 * start, so that a pass can be taken up again elsewhere.
 */
export class Pass {
  readonly start: RandomState;
  readonly order: ArrayLike<number>;
  /** From which the generators of the examples derive; null where nothing draws. */
  readonly seed: number | null;
  /** How many passes came before. */
  readonly number: number;
  /** Number of batches handed out. */
  batch: number;

  constructor(sampler: Sampler, random: Random, randomized: boolean, number: number, batch = 0) {
    this.start = random.state;
    this.number = number;
    this.order = sampler.order(random);
    if (this.order.length !== sampler.length) {
      throw new RangeError(
        `DataLoader: the sampler gave ${this.order.length} examples and has length ${sampler.length} — order(random) ` +
          "gives as many as length says",
      );
    }
    this.seed = randomized ? random.integer(2 ** 32) : null;
    this.batch = batch;
  }

  /** The rest of the pass that `state` was taken in. It draws from a generator of its own. */
  static resume(
    sampler: Sampler,
    state: RandomState,
    randomized: boolean,
    number: number,
    batch: number,
  ): Pass {
    const random = new Random(0);
    random.state = state;
    return new Pass(sampler, random, randomized, number, batch);
  }

  get state(): LoaderState {
    return { pass: this.start, batch: this.batch, passes: this.number };
  }
}

/** More numbers than the augmentation of one example can need. */
const DRAWS_PER_EXAMPLE = 2 ** 16;

/**
 * Generators for the examples from place `first` of a pass on. A counter-based generator can be opened anywhere, so
 * each example has a stretch of its own: what is drawn for it does not depend on who draws for the others.
 *
 * A place, not the example's number: an example that a sampler shows twice is augmented in two ways.
 */
export function exampleRandom(seed: number, first: number, pass = 0): ExampleRandom {
  const random = new Random(seed);
  const ofExample = (k: number): Random => {
    random.state = { seed, position: (first + k) * DRAWS_PER_EXAMPLE };
    return random;
  };
  return Object.assign(ofExample, { pass });
}

/** Throws  TypeError or RangeError if `state` is not what `stateDict()` gives */
export function checkLoaderState(state: LoaderState, batches: number): void {
  const { pass, batch, passes = 0 } = state ?? {};
  const isPass = pass === null || (Number.isSafeInteger(pass?.seed) && Number.isSafeInteger(pass?.position));
  const isCount = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!isPass || !isCount(batch) || !isCount(passes)) {
    throw new TypeError(
      `DataLoader.loadStateDict: got ${JSON.stringify(state)} — expected what stateDict() gave: ` +
        "{ pass: { seed, position } or null, batch, passes }",
    );
  }
  if (batch > batches || (pass === null && batch > 0)) {
    throw new RangeError(
      `DataLoader.loadStateDict: batch ${batch} of a pass of ${batches} — the state is another loader's; ` +
        "resume with the same data, sampler, batchSize and dropLast",
    );
  }
}
