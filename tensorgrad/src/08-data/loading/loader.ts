import {
  checked,
  defaultRandom,
  Printed,
  type Random,
  scope,
  settings,
  written,
} from "../../00-runtime/index.ts";
import { fromArray } from "../../01-tensor/index.ts";
import type { Batch } from "../../07-training/index.ts";
import { collate, type Dataset, type Sample } from "../dataset.ts";
import { Loan } from "./loan.ts";
import { checkLoaderState, exampleRandom, type LoaderState, Pass } from "./pass.ts";
import { HeapPressure } from "./pressure.ts";
import { RandomSampler, type Sampler, SequentialSampler } from "./sampler.ts";
import type { Parcel, ParcelBatch, Task } from "./worker-messages.ts";
import { checkWorkers, madeAhead, WorkerPool } from "./worker-pool.ts";

/** Options of `DataLoader`. */
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
  /** Threads that make batches ahead of `for await` loops; 0: batches are made when they are asked for. */
  readonly workers?: number;
  /** How many batches each worker is ahead. */
  readonly prefetch?: number;
}

/**
 * Batches of a data set, as often as wanted: every loop is one pass.
 *
 *   for (const { x, y } of new DataLoader(train, { batchSize: 64, shuffle: true })) { … }
 *
 * A batch belongs to the loader and lives until the next one is asked for, so that the shortest loop needs no more
 * memory than one batch; `clone()` what should live longer. A loop that is left early keeps its last batch until the
 * next pass begins or the loader is closed. `for await` also lets the collector work when tensors
 * pile up, for loops that open no scope.
 *
 * With `workers`, `for await` loops get the same batches, bit for bit, made ahead in other threads. The data set must say
 * how to make it there (`recipe`); those of this module do.
 *
 * Throws  RangeError for a batch size that is no integer ≥ 1
 */
export class DataLoader extends Printed implements Iterable<Batch>, AsyncIterable<Batch> {
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly random: Random;
  readonly sampler: Sampler;
  readonly workers: number;
  readonly prefetch: number;
  #pool: WorkerPool | null = null;
  readonly #collate: ((samples: readonly Sample[]) => Batch) | null;
  #pass: Pass | null = null;
  /** How many were begun. */
  #passes = 0;
  #resumed: Pass | null = null;
  /** The batch in use when a loop was left early. */
  #left: Loan | null = null;

  constructor(dataset: Dataset, options: DataLoaderOptions = {}) {
    checked("DataLoader", options, [
      "batchSize",
      "shuffle",
      "dropLast",
      "sampler",
      "random",
      "collate",
      "workers",
      "prefetch",
    ]);
    super();
    const { batchSize = 32, shuffle = false, dropLast = false, random = defaultRandom } = options;
    const { workers = 0, prefetch = 2, sampler, collate = null } = options;
    checkDataset(dataset);
    checkOptions({ batchSize, shuffle, workers, prefetch, sampler, collate });
    if (workers > 0) checkWorkers(dataset, workers);
    [this.dataset, this.batchSize, this.shuffle, this.dropLast] = [dataset, batchSize, shuffle, dropLast];
    [this.random, this.workers, this.prefetch, this.#collate] = [random, workers, prefetch, collate];
    this.sampler = sampler ?? (shuffle ? new RandomSampler(dataset) : new SequentialSampler(dataset));
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
    return (this.#resumed ?? this.#pass)?.state ?? { pass: null, batch: 0, passes: this.#passes };
  }

  /**
   * Makes the next pass the rest of the one that `state` was taken in. Its order is drawn again from a generator of
   * its own, so `random`, restored by whoever saved it, stays as it is.
   *
   * Throws  RangeError for the state of a loader with other data, another order, batchSize or dropLast
   */
  loadStateDict(state: LoaderState): void {
    checkLoaderState(state, this.length);
    const { pass, passes = 0 } = state;
    this.#resumed = pass && Pass.resume(this.sampler, { ...state, pass }, this.#passOptions(passes));
    [this.#pass, this.#passes] = [null, passes];
  }

  *[Symbol.iterator](): Generator<Batch, void, undefined> {
    const pass = this.#begin();
    let last: Loan | null = null;
    try {
      while (pass.batch < this.length) {
        last?.end();
        last = this.#lend(this.#task(pass, pass.batch++));
        yield last.batch;
      }
      this.#finish(pass, last);
      last = null;
    } finally {
      this.#leave(last);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const pressure = new HeapPressure();
    for await (const batch of this.workers > 0 ? this.#fromWorkers() : this[Symbol.iterator]()) {
      yield batch;
      await pressure.relieve();
    }
  }

  /** Ends the workers; the next `for await` loop starts new ones. A loader nobody uses any more does this by itself. */
  async close(): Promise<void> {
    this.#left?.end();
    const pool = this.#pool;
    this.#pool = null;
    await pool?.close();
  }

  async *#fromWorkers(): AsyncGenerator<Batch, void, undefined> {
    const pass = this.#begin();
    let last: Loan | null = null;
    checkWorkers(this.dataset, this.workers); // tensors may have been freed since the last pass
    if (!this.#pool?.alive) {
      this.#pool = new WorkerPool(this.dataset, this.workers);
      abandoned.register(this, this.#pool);
    }
    try {
      for await (const made of madeAhead(this.#pool, this.#tasks(pass), this.workers * this.prefetch)) {
        last?.end();
        last = unpacked(made);
        pass.batch++;
        yield last.batch;
      }
      this.#finish(pass, last);
      last = null;
    } finally {
      this.#leave(last);
    }
  }

  #leave(last: Loan | null): void {
    if (!last) return;
    this.#left?.end();
    this.#left = last;
  }

  #finish(pass: Pass, last: Loan | null): void {
    last?.end();
    if (this.#pass === pass) this.#pass = null;
  }

  #begin(): Pass {
    this.#left?.end();
    const number = this.#passes++;
    this.#pass = this.#resumed ?? new Pass(this.sampler, this.random, this.#passOptions(number));
    this.#resumed = null;
    return this.#pass;
  }

  #passOptions(number: number): ConstructorParameters<typeof Pass>[2] {
    const { batchSize, length: batches } = this;
    return { randomized: this.dataset.randomized ?? false, number, batchSize, batches };
  }

  *#tasks(pass: Pass): Generator<Task, void, undefined> {
    for (let batch = pass.batch; batch < this.length; batch++) yield this.#task(pass, batch);
  }

  #task({ order, seed, number }: Pass, batch: number): Task {
    const first = batch * this.batchSize;
    const length = Math.min(this.batchSize, order.length - first);
    return {
      batch,
      indices: Int32Array.from({ length }, (_, k) => order[first + k]),
      seed,
      first,
      pass: number,
    };
  }

  #lend({ indices, seed, first, pass }: Task): Loan {
    using workspace = scope();
    const { dataset } = this;
    const random = seed === null ? undefined : exampleRandom(seed, first, pass);
    if (dataset.batch && !this.#collate) return new Loan(dataset.batch(indices, random), workspace);
    const samples = Array.from(indices, (i, k) => dataset.get(i, random?.(k)));
    return new Loan((this.#collate ?? collate)(samples), workspace);
  }

  protected override describe(): string {
    const { batchSize, shuffle, dropLast, workers, length } = this;
    return `${written(this.dataset)}, ${settings({ batchSize, shuffle, dropLast, workers, batches: length })}`;
  }
}

/** Ends the workers of loaders that the collector has found dead. */
const abandoned = new FinalizationRegistry<WorkerPool>((pool) => void pool.close());

function unpacked({ x, y }: ParcelBatch): Loan {
  using workspace = scope();
  const opened = ({ data, shape, dtype }: Parcel) => fromArray(data, shape, { dtype });
  return new Loan({ x: opened(x), y: opened(y) }, workspace);
}

function checkDataset(dataset: Dataset): void {
  if (typeof dataset?.get === "function" && typeof dataset.length === "number") return;
  const found = Array.isArray(dataset) ? "a list" : dataset === null ? "null" : typeof dataset;
  throw new TypeError(
    `DataLoader: got ${found} — expected a data set with length and get(i), such as new TensorDataset(x, y)`,
  );
}

interface Checked extends Record<"batchSize" | "workers" | "prefetch", number> {
  readonly shuffle: boolean;
  readonly sampler: Sampler | undefined;
  readonly collate: unknown;
}

function checkOptions({ batchSize, shuffle, workers, prefetch, sampler, collate }: Checked): void {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(
      `DataLoader: batchSize ${batchSize} — a batch holds an integer number of examples, at least 1`,
    );
  }
  if (sampler && shuffle) {
    throw new TypeError(
      "DataLoader: both shuffle and sampler — a sampler decides the order; leave out shuffle, or use RandomSampler",
    );
  }
  if (sampler && (typeof sampler.order !== "function" || typeof sampler.length !== "number")) {
    throw new TypeError(
      `DataLoader: got a sampler of type ${Array.isArray(sampler) ? "list" : typeof sampler} — expected an object with length and ` +
        "order(random), such as new RandomSampler(train)",
    );
  }
  if (!Number.isInteger(workers) || workers < 0 || !Number.isInteger(prefetch) || prefetch < 1) {
    throw new RangeError(
      `DataLoader: workers ${workers}, prefetch ${prefetch} — workers is an integer ≥ 0, prefetch an integer ≥ 1`,
    );
  }
  if (workers > 0 && collate) {
    throw new TypeError(
      `DataLoader: workers ${workers} and collate — a function cannot cross to a worker; give the data set a batch(indices), ` +
        "or load with workers: 0",
    );
  }
}
