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
  /** Within a pass: how its batches were cut, and a checksum of its order. Another loader's state is known by them. */
  readonly cut?: Cut & { readonly order: number };
}

/** How the examples of a pass are divided into batches. */
export interface Cut {
  readonly batchSize: number;
  readonly batches: number;
}

/** Draws for the examples of a batch: the generator of its k-th example. It also knows how many passes came before. */
export interface ExampleRandom {
  (k: number): Random;
  readonly pass?: number;
}

interface PassOptions extends Cut {
  readonly randomized: boolean;
  /** How many passes came before. */
  readonly number: number;
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
  readonly #cut: Cut;
  readonly #sampler: Sampler;
  #checksum: number | null = null;

  constructor(sampler: Sampler, random: Random, options: PassOptions, batch = 0) {
    const { randomized, number, batchSize, batches } = options;
    this.start = random.state;
    [this.number, this.#cut, this.#sampler] = [number, { batchSize, batches }, sampler];
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

  /**
   * The rest of the pass that `state` was taken in. It draws from a generator of its own.
   *
   * Throws  RangeError where the batches are cut in another way, or the order is another one: examples would be lost
   */
  static resume(
    sampler: Sampler,
    state: LoaderState & { readonly pass: RandomState },
    options: PassOptions,
  ): Pass {
    const pass = new Pass(sampler, generatorAt(state.pass), options, state.batch);
    const [saved, own] = [state.cut, pass.state.cut];
    if (saved && JSON.stringify(saved) !== JSON.stringify(own)) {
      throw new RangeError(
        `DataLoader.loadStateDict: the state is of ${cutText(saved)}, this loader has ${cutText(own as typeof saved)} — a pass ` +
          "goes on with the same data, sampler, batchSize, shuffle and dropLast, so that no example is lost or comes twice",
      );
    }
    return pass;
  }

  get state(): LoaderState {
    this.#checksum ??= checksum(this.#sampler.whole?.(generatorAt(this.start)) ?? this.order);
    const cut = { ...this.#cut, order: this.#checksum };
    return { pass: { ...this.start }, batch: this.batch, passes: this.number, cut };
  }
}

function generatorAt(state: RandomState): Random {
  const random = new Random(0);
  random.state = state;
  return random;
}

const cutText = ({ batches, batchSize, order }: Cut & { readonly order: number }): string =>
  `${batches} batches of ${batchSize} in order ${order.toString(16)}`;

/** FNV-1a, in whole numbers instead of bytes. */
function checksum(order: ArrayLike<number>): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < order.length; i++) hash = Math.imul(hash ^ order[i], 0x01000193);
  return hash >>> 0;
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
  const { pass, batch, passes = 0, cut } = state ?? {};
  const isPass = pass === null || (Number.isSafeInteger(pass?.seed) && Number.isSafeInteger(pass?.position));
  const isCount = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  const isCut = cut === undefined || [cut?.batchSize, cut?.batches, cut?.order].every(isCount);
  if (!isPass || !isCount(batch) || !isCount(passes) || !isCut) {
    throw new TypeError(
      `DataLoader.loadStateDict: got ${JSON.stringify(state)} — expected what stateDict() gave: ` +
        "{ pass: { seed, position } or null, batch, passes, cut }",
    );
  }
  if (batch > batches || (pass === null && batch > 0)) {
    throw new RangeError(
      `DataLoader.loadStateDict: batch ${batch} of a pass of ${batches} — the state is another loader's; ` +
        "resume with the same data, sampler, batchSize and dropLast",
    );
  }
}
