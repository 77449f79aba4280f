import { ThreadError } from "../errors.ts";
import { type Division, stretches } from "../split.ts";
import { type Foreign, type Host, type OnEnd, threadStarter } from "./host.ts";
import { CallTable } from "./table.ts";
import { type Callable, slots, type ThreadStart } from "./worker.ts";

/** Parts per thread, where there is work enough: whoever is late, or was interrupted, then does fewer of them. */
const PARTS_PER_THREAD = 4;
/** A part takes at least this long, in nanoseconds: taking it from the table costs a few hundred. */
const LEAST_PART = 5_000;
/** How often a thread looks before it sleeps: about 50 µs. Waking up takes as long. */
const SPINS = 20_000;
/** Milliseconds after which a waiting caller looks whether the workers are still there. */
const PATIENCE = 20;

export interface PoolOptions {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Of this thread, by name in the order of the module's exports. */
  readonly kernels: Readonly<Record<string, Callable>>;
  /** A scratch area for each worker. */
  readonly scratch: readonly number[];
  readonly start?: ReturnType<typeof threadStarter>;
}

/** How a call stands to those before it, and where workers find it if it is no kernel. */
interface Place {
  readonly foreign?: Foreign;
  readonly follows?: boolean;
}

/** Workers and the table of calls that they and the calling thread share. */
export class ThreadPool {
  readonly size: number;
  /** Why workers are missing; null while all is well. */
  failure: string | null = null;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * 16 * 1024));
  readonly #table = new CallTable();
  /** Kernels from 0 on, in the order of the module's exports; foreign functions from −1 down, as workers were told of them. */
  readonly #numbers: Map<Callable, number>;
  readonly #hosts: Host[];
  #foreign = 0;

  constructor({ module, memory, kernels, scratch, start = threadStarter() }: PoolOptions) {
    this.size = scratch.length + 1;
    this.#numbers = new Map(Object.values(kernels).map((kernel, i) => [kernel, i]));
    const { words, starts } = this.#table;
    const shared = { module, memory, control: this.#control, words, starts, spins: SPINS, slots };
    this.#hosts = scratch.map((address, index) => {
      const data: ThreadStart = { ...shared, scratch: address, index };
      return (start as NonNullable<typeof start>)(data, this.#onEnd);
    });
  }

  /** Workers that can take a call now. They start in the background: until then the caller computes alone. */
  get ready(): number {
    return this.failure === null ? Atomics.load(this.#control, slots.ready) : 0;
  }

  /** Puts the parts of one call into the table. */
  addParts(name: string, kernel: Callable, division: Division): void {
    const most = division.repeats ? this.size : PARTS_PER_THREAD * this.size;
    const ends = stretches(division, most, LEAST_PART);
    for (let i = 0; i + 1 < ends.length; i++)
      this.add(name, kernel, division.part(ends[i], ends[i + 1] - ends[i]));
  }

  /**
   * Puts a call into the table; it `follows` the last one on the same thread, or may be made at once with it. When the table
   * is full, what it holds is made first: no number of calls, and no number of their arguments, is too large.
   */
  add(name: string, call: Callable, args: readonly number[], { foreign, follows = false }: Place = {}): void {
    if (!this.#table.fits(args.length)) this.run(name);
    this.#table.add(this.#numberOf(call, foreign), call, args, follows);
  }

  /** Lets kernels call this function outside WebAssembly as `sgemm` while they run. */
  lend(call: Callable, foreign: Foreign): void {
    Atomics.store(this.#control, slots.sgemm, this.#numberOf(call, foreign));
  }

  #numberOf(call: Callable, foreign?: Foreign): number {
    const known = this.#numbers.get(call);
    if (known !== undefined) return known;
    if (foreign) for (const host of this.#hosts) host.tell(foreign);
    const number = --this.#foreign;
    this.#numbers.set(call, number);
    return number;
  }

  /** Makes all calls of the table, together with the workers; returns when the last is done. */
  run(name: string): void {
    const control = this.#control;
    const chains = this.#table.take();
    if (chains.length === 0) return;
    Atomics.store(control, slots.done, 0);
    Atomics.store(control, slots.ticket, chains.length << 16);
    if (Atomics.load(control, slots.sleeping) > 0) Atomics.notify(control, slots.ticket);
    let own = 0;
    try {
      for (let chain = this.#take(); chain >= 0; chain = this.#take(), own++) chains[chain]();
    } finally {
      if (!this.#wait(chains.length - own)) this.#lost(name);
    }
  }

  /** Makes all calls of the table without the workers: for work that is over before they wake up. */
  runAlone(): void {
    for (const chain of this.#table.take()) chain();
  }

  /** Forgets what was put into the table. */
  clear(): void {
    this.#table.clear();
  }

  /** Ends the workers; between operations none of them is at work. */
  close(): void {
    Atomics.store(this.#control, slots.stop, 1);
    Atomics.notify(this.#control, slots.ticket);
    for (const host of this.#hosts) host.end();
  }

  /** The next chain from the front of the table, or −1. */
  #take(): number {
    for (;;) {
      const ticket = Atomics.load(this.#control, slots.ticket);
      const chain = ticket & 0xffff;
      if (chain >= ticket >>> 16) return -1;
      if (Atomics.compareExchange(this.#control, slots.ticket, ticket, ticket + 1) === ticket) return chain;
    }
  }

  /** Waits until workers have made `chains` chains; false if that will never be. */
  #wait(chains: number): boolean {
    const control = this.#control;
    for (let i = 0; i < SPINS; i++) if (Atomics.load(control, slots.done) >= chains) return true;
    for (;;) {
      const done = Atomics.load(control, slots.done);
      if (done >= chains) return true;
      if (this.#isLost()) return Atomics.load(control, slots.done) >= chains;
      if (mayWait()) Atomics.wait(control, slots.done, done, PATIENCE);
    }
  }

  /** Whether some worker has ended and no other is at work: calls that are missing now stay missing. */
  #isLost(): boolean {
    const ended = Atomics.load(this.#control, slots.failed) > 0 || this.#hosts.some((host) => !host.alive());
    const busy = (index: number) =>
      Atomics.load(this.#control, slots.workers + 16 * index + slots.busy) !== 0;
    return ended && !this.#hosts.some((host, index) => host.alive() && busy(index));
  }

  #lost(name: string): never {
    const letters = this.#control.subarray(slots.message, slots.messageLength + slots.message);
    const text = String.fromCharCode(...letters.subarray(0, letters.indexOf(0)));
    this.failure = text || "a worker was ended from outside";
    this.close();
    throw new ThreadError(
      `${name}: a thread ended in the middle of it (${this.failure}) — a part of the result is missing; ` +
        `repeat the step: from here on one thread computes, useThreads(${this.size}) starts new ones`,
    );
  }

  /** Of a worker that ended between two operations: nothing is lost, but it is not waited for again. */
  #onEnd: OnEnd = (reason) => {
    if (Atomics.load(this.#control, slots.stop) === 1) return;
    this.failure = `a worker ended: ${reason}`;
    this.close();
  };
}

let waits: boolean | null = null;

/** Whether this thread may sleep; the main thread of a browser may not. */
function mayWait(): boolean {
  if (waits !== null) return waits;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    waits = true;
  } catch {
    waits = false;
  }
  return waits;
}
