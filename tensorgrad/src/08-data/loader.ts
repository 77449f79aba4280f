import { defaultRandom, type Random, scope } from "../00-runtime/index.ts";
import type { Batch } from "../07-training/index.ts";
import { collate, type Dataset, type Sample } from "./dataset.ts";
import { Loan } from "./loan.ts";
import { checkLoaderState, type ExampleRandom, exampleRandom, type LoaderState, Pass } from "./pass.ts";
import { HeapPressure } from "./pressure.ts";
import { RandomSampler, type Sampler, SequentialSampler } from "./sampler.ts";

export interface DataLoaderOptions {
  readonly batchSize?: number;
  /** A new random order for every pass; `random` decides which. */
  readonly shuffle?: boolean;
  /** Leaves out a last batch that would be smaller than the others. */
  readonly dropLast?: boolean;
  /** Which examples a pass shows, instead of all of them in order or shuffled. */
  readonly sampler?: Sampler;
  /** Decides every order, and all that random transforms do. */
  readonly random?: Random;
  /** How examples become a batch, instead of the data set's own way (its `batch`, or stacking them). */
  readonly collate?: (samples: readonly Sample[]) => Batch;
}

/**
 * Batches of a data set, as often as wanted: every loop is one pass.
 *
 *   for (const { x, y } of new DataLoader(train, { batchSize: 64, shuffle: true })) { … }
 *
 * A batch belongs to the loader and lives until the next one is asked for, so that the shortest loop needs no more
 * memory than one batch; `clone()` what should live longer. `for await` also lets the collector work when tensors
 * pile up, for loops that open no scope.
 *
 * Throws  RangeError for a batch size that is no integer ≥ 1
 */
export class DataLoader implements Iterable<Batch>, AsyncIterable<Batch> {
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly random: Random;
  readonly sampler: Sampler;
  readonly #collate: ((samples: readonly Sample[]) => Batch) | null;
  #pass: Pass | null = null;
  #resumed: LoaderState | null = null;

  constructor(dataset: Dataset, options: DataLoaderOptions = {}) {
    const { batchSize = 32, shuffle = false, dropLast = false, random = defaultRandom } = options;
    if (typeof dataset?.get !== "function" || typeof dataset.length !== "number") {
      const found = Array.isArray(dataset) ? "a list" : dataset === null ? "null" : typeof dataset;
      throw new TypeError(
        `DataLoader: got ${found} — expected a data set with length and get(i), such as new TensorDataset(x, y)`,
      );
    }
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(
        `DataLoader: batchSize ${batchSize} — a batch holds an integer number of examples, at least 1`,
      );
    }
    [this.dataset, this.batchSize, this.shuffle, this.dropLast] = [dataset, batchSize, shuffle, dropLast];
    if (options.sampler && shuffle) {
      throw new TypeError(
        "DataLoader: both shuffle and sampler — a sampler decides the order; leave out shuffle, or use RandomSampler",
      );
    }
    this.random = random;
    this.sampler = options.sampler ?? (shuffle ? new RandomSampler(dataset) : new SequentialSampler(dataset));
    this.#collate = options.collate ?? null;
  }

  /** Number of batches in a pass. */
  get length(): number {
    const batches = this.sampler.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /**
   * Where the loader is in the pass begun last: how many of its batches were handed out, and how to draw its order
   * again. After the last batch has been used the loader is between passes.
   */
  stateDict(): LoaderState {
    return this.#resumed ?? this.#pass?.state ?? { pass: null, batch: 0 };
  }

  /**
   * Makes the next pass the rest of the one that `state` was taken in. Its order is drawn again from a generator of
   * its own, so `random`, restored by whoever saved it, stays as it is.
   */
  loadStateDict(state: LoaderState): void {
    checkLoaderState(state, this.length);
    this.#pass = null;
    this.#resumed = state.pass === null ? null : { pass: { ...state.pass }, batch: state.batch };
  }

  *[Symbol.iterator](): Generator<Batch, void, undefined> {
    const pass = this.#begin();
    let last: Loan | null = null;
    while (pass.batch < this.length) {
      last?.end();
      last = this.#lend(pass, pass.batch++);
      yield last.batch;
    }
    last?.end();
    if (this.#pass === pass) this.#pass = null;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const pressure = new HeapPressure();
    for (const batch of this) {
      yield batch;
      await pressure.relieve();
    }
  }

  #begin(): Pass {
    const { sampler, random, dataset } = this;
    const { pass, batch } = this.#resumed ?? { pass: null, batch: 0 };
    const randomized = dataset.randomized ?? false;
    this.#resumed = null;
    this.#pass = pass ? Pass.resume(sampler, pass, randomized, batch) : new Pass(sampler, random, randomized);
    return this.#pass;
  }

  #lend({ order, seed }: Pass, batch: number): Loan {
    using workspace = scope();
    const first = batch * this.batchSize;
    const indices = Int32Array.from(
      { length: Math.min(this.batchSize, order.length - first) },
      (_, k) => order[first + k],
    );
    return new Loan(this.#make(indices, seed === null ? undefined : exampleRandom(seed, first)), workspace);
  }

  #make(indices: Int32Array, random?: ExampleRandom): Batch {
    const { dataset } = this;
    if (dataset.batch && !this.#collate) return dataset.batch(indices, random);
    return (this.#collate ?? collate)(Array.from(indices, (i, k) => dataset.get(i, random?.(k))));
  }
}
