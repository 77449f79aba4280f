import { defaultRandom, type Random, type Scope, type Storage, scope } from "../00-runtime/index.ts";
import type { Batch } from "../07-training/index.ts";
import { collate, type Dataset, type Sample } from "./dataset.ts";
import { HeapPressure } from "./pressure.ts";

export interface DataLoaderOptions {
  readonly batchSize?: number;
  /** A new random order for every pass; `random` decides which. */
  readonly shuffle?: boolean;
  /** Leaves out a last batch that would be smaller than the others. */
  readonly dropLast?: boolean;
  readonly random?: Random;
  /** How examples become a batch, where the data set does not say. */
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
  readonly #collate: (samples: readonly Sample[]) => Batch;

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
    this.random = random;
    this.#collate = options.collate ?? collate;
  }

  /** Number of batches in a pass. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): Generator<Batch, void, undefined> {
    let last: Loan | null = null;
    for (const indices of this.#plan()) {
      last?.end();
      last = this.#lend(indices);
      yield last.batch;
    }
    last?.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const pressure = new HeapPressure();
    for (const batch of this) {
      yield batch;
      await pressure.relieve();
    }
  }

  /** Which examples each batch of a new pass holds. */
  *#plan(): Generator<Int32Array> {
    const { length } = this.dataset;
    const batches = this.length;
    const order = this.shuffle ? this.random.permutation(length) : Int32Array.from({ length }, (_, i) => i);
    for (let batch = 0; batch < batches; batch++) {
      yield order.subarray(batch * this.batchSize, (batch + 1) * this.batchSize);
    }
  }

  #lend(indices: Int32Array): Loan {
    using workspace = scope();
    const { dataset } = this;
    const batch = dataset.batch
      ? dataset.batch(indices)
      : this.#collate(Array.from(indices, (i) => dataset.get(i)));
    return new Loan(batch, workspace);
  }
}

/** A batch that is taken back, unless somebody (`step.keep`) has made it theirs. */
class Loan {
  readonly batch: Batch;
  #made: { readonly storage: Storage; readonly owner: Storage["owner"] }[] = [];

  constructor(batch: Batch, workspace: Scope) {
    this.batch = batch;
    for (const tensor of [batch.x, batch.y]) {
      if (tensor.storage.owner !== workspace) continue; // the data set's own tensor, not made for this batch
      workspace.keep(tensor);
      this.#made.push({ storage: tensor.storage, owner: tensor.storage.owner });
    }
  }

  end(): void {
    for (const { storage, owner } of this.#made) if (storage.owner === owner) storage.free();
  }
}
