import { checked, counted, Printed } from "../../00-runtime/index.ts";
import { gone, Refusal } from "../refusal.ts";
import { Pace } from "./pace.ts";

export interface BatchLimits {
  /** Rows that are computed together, at most. */
  readonly maxBatch: number;
  /** How long the oldest row waits for others while the engine is idle, in ms. */
  readonly maxWait: number;
  /** Rows that may wait; who comes then is refused. */
  readonly maxQueue: number;
  /** From arrival to answer, in ms. */
  readonly deadline: number;
  /** Batches under way at the same time. */
  readonly concurrency: number;
}

export interface BatcherOptions<I, O> extends BatchLimits {
  /** Computes one result for every item, in their order. */
  readonly run: (items: readonly I[]) => Promise<readonly O[]>;
  /** Rows of an item. */
  readonly size?: (item: I) => number;
  /** Only items of one kind share a batch. */
  readonly kind?: (item: I) => string;
  /** Hears of every batch: rows, and how long it took in ms. */
  readonly onBatch?: (rows: number, ms: number) => void;
}

const OPTIONS = [
  ...(["maxBatch", "maxWait", "maxQueue", "deadline", "concurrency"] as const),
  ...(["run", "size", "kind", "onBatch"] as const),
] as const;

/** Of an AbortSignal, what a batcher asks of it. */
export interface Parting {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** One item on its way. */
interface Job<I, O> {
  readonly item: I;
  readonly rows: number;
  readonly kind: string;
  readonly arrived: number;
  readonly resolve: (result: O) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: Parting | undefined;
  /** What the signal calls. */
  leave: (() => void) | null;
  open: boolean;
  queued: boolean;
}

/**
 * Gathers single requests into batches, because one product with 64 rows costs far less than 64 products with one.
 *
 *   const batcher = new Batcher({ run, maxBatch: 64, maxWait: 2, maxQueue: 1024, deadline: 30_000, concurrency: 1 });
 *   const y = await batcher.submit(x);
 *
 * A batch starts when it is full, or when its oldest item has waited for maxWait; while the engine is busy, more gather by
 * themselves. Items of one kind start in the order of their arrival. Every item is answered or refused exactly once, within
 * its deadline. If a batch fails, its items are computed one by one: nobody fails for a neighbour's input.
 *
 * Throws    (submit) Refusal 413 for more rows than maxBatch, 503 when the queue is full or closed, 504 at the deadline, 499
 *           when the signal says that nobody waits any more; else what `run` throws
 * Source    Crankshaw et al. 2017, Clipper: a low-latency online prediction serving system
 */
export class Batcher<I, O> extends Printed {
  readonly #options: BatcherOptions<I, O>;
  #queue: Job<I, O>[] = [];
  /** Not answered yet, the oldest first: as all have the same deadline, also the next to miss it. */
  readonly #open = new Set<Job<I, O>>();
  readonly #pace = new Pace();
  #waiting = 0;
  #running = 0;
  #closed: (() => void)[] | null = null;
  /** Takes back the next look at the queue. */
  #unwake: (() => void) | null = null;
  #alarm: NodeJS.Timeout | null = null;

  constructor(options: BatcherOptions<I, O>) {
    super();
    this.#options = checked("Batcher", options, OPTIONS);
  }

  protected override describe(): string {
    return `${counted(this.#waiting, "row")} waiting, ${this.#running} under way`;
  }

  /** Rows in the queue. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Batches under way. */
  get running(): number {
    return this.#running;
  }

  /** Puts an item into the next batch; resolves with its result. */
  submit(item: I, signal?: Parting): Promise<O> {
    const { size, kind, maxBatch } = this.#options;
    const rows = size?.(item) ?? 1;
    if (rows > maxBatch)
      return Promise.reject(
        new Refusal(413, `infer: ${rows} rows — at most ${maxBatch} in one request; split them`),
      );
    const closed = this.#refusal(rows);
    if (closed) return Promise.reject(closed);
    if (signal?.aborted) return Promise.reject(gone());
    return new Promise((resolve, reject) => {
      const job: Job<I, O> = {
        ...{ item, rows, kind: kind?.(item) ?? "", arrived: performance.now(), resolve, reject, signal },
        ...{ leave: null, open: true, queued: true },
      };
      if (signal) this.#follow(job, signal);
      this.#queue.push(job);
      this.#waiting += rows;
      this.#open.add(job);
      this.#watch();
      // At the end of this turn of the event loop: what arrives in one turn goes into one batch.
      if (this.#waiting >= maxBatch) this.#pump();
      else if (!this.#unwake) {
        const soon = setImmediate(() => this.#pump());
        this.#unwake = () => clearImmediate(soon);
      }
    });
  }

  /** Takes no more; resolves when what it had taken is answered. */
  close(): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.#closed = [...(this.#closed ?? []), resolve];
    });
    this.#pump();
    this.#endIfEmpty();
    return done;
  }

  #refusal(rows: number): Refusal | null {
    if (this.#closed)
      return new Refusal(503, "infer: the model is being closed — ask again", { retryAfter: 1 });
    if (this.#waiting + rows <= this.#options.maxQueue) return null;
    return new Refusal(
      503,
      `infer: ${this.#waiting} rows wait already — the queue is full; try again later`,
      {
        retryAfter: this.#pace.secondsFor(this.#waiting),
      },
    );
  }

  #follow(job: Job<I, O>, signal: Parting): void {
    job.leave = () => this.#refuse(job, gone());
    signal.addEventListener("abort", job.leave, { once: true });
  }

  #answer(job: Job<I, O>, result: O): void {
    if (!this.#ended(job)) return;
    job.resolve(result);
    this.#endIfEmpty();
  }

  #refuse(job: Job<I, O>, error: unknown): void {
    if (!this.#ended(job)) return;
    job.reject(error);
    this.#endIfEmpty();
  }

  /** The one place where a job ends: false for whatever comes second. */
  #ended(job: Job<I, O>): boolean {
    if (!job.open) return false;
    job.open = false;
    if (job.leave) job.signal?.removeEventListener("abort", job.leave);
    this.#open.delete(job);
    if (job.queued) {
      this.#queue.splice(this.#queue.indexOf(job), 1);
      this.#waiting -= job.rows;
    }
    if (this.#open.size === 0) this.#unwatch();
    return true;
  }

  /** Starts every batch that may start; else sees to it that this is asked again in time. */
  #pump(): void {
    const { concurrency, maxWait } = this.#options;
    this.#unwake?.();
    this.#unwake = null;
    while (this.#running < concurrency && this.#queue.length > 0) {
      const { batch, full } = this.#next();
      const left = this.#queue[0].arrived + maxWait - performance.now();
      if (!full && left > 0 && !this.#closed) {
        const later = setTimeout(() => this.#pump(), Math.ceil(left));
        this.#unwake = () => clearTimeout(later);
        return;
      }
      void this.#start(batch);
    }
  }

  /** The oldest item and those of its kind behind it, as many as go into a batch; whether one more would not. */
  #next(): { batch: Job<I, O>[]; full: boolean } {
    const { maxBatch } = this.#options;
    const [{ kind }] = this.#queue;
    const batch: Job<I, O>[] = [];
    let rows = 0;
    for (const job of this.#queue) {
      if (job.kind !== kind) continue;
      if (rows + job.rows > maxBatch) return { batch, full: true };
      batch.push(job);
      rows += job.rows;
    }
    return { batch, full: rows === maxBatch };
  }

  async #start(batch: readonly Job<I, O>[]): Promise<void> {
    const rows = batch.reduce((sum, job) => sum + job.rows, 0);
    for (const job of batch) job.queued = false;
    this.#queue = this.#queue.filter(({ queued }) => queued);
    this.#waiting -= rows;
    this.#running++;
    const started = performance.now();
    await this.#compute(batch);
    const ms = performance.now() - started;
    this.#running--;
    this.#pace.note(rows, ms);
    this.#options.onBatch?.(rows, ms);
    this.#pump();
    this.#endIfEmpty();
  }

  async #compute(batch: readonly Job<I, O>[]): Promise<void> {
    try {
      const results = await this.#options.run(batch.map(({ item }) => item));
      if (results.length !== batch.length)
        throw new RangeError(`Batcher: ${results.length} results for ${batch.length} items — one for each`);
      for (const [i, job] of batch.entries()) this.#answer(job, results[i]);
    } catch (error) {
      if (batch.length === 1) this.#refuse(batch[0], error);
      else for (const job of batch) if (job.open) await this.#compute([job]);
    }
  }

  /** One alarm, for the oldest. */
  #watch(): void {
    if (this.#alarm !== null) return;
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    const left = oldest.arrived + this.#options.deadline - performance.now();
    this.#alarm = setTimeout(() => this.#ring(), Math.max(0, Math.ceil(left)));
  }

  #unwatch(): void {
    if (this.#alarm !== null) clearTimeout(this.#alarm);
    this.#alarm = null;
  }

  #ring(): void {
    const { deadline } = this.#options;
    const now = performance.now();
    this.#alarm = null;
    for (const job of this.#open) {
      if (job.arrived + deadline > now) break;
      this.#refuse(job, new Refusal(504, `infer: no answer within ${deadline} ms — the request is given up`));
    }
    this.#watch();
  }

  #endIfEmpty(): void {
    if (!this.#closed || this.#open.size > 0 || this.#running > 0) return;
    for (const resolve of this.#closed.splice(0)) resolve();
  }
}
