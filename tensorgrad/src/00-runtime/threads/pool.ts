import { ThreadError } from "../errors.ts";
import { type Division, stretches } from "../split.ts";
import { type Foreign, type Host, type OnEnd, threadStarter } from "./host.ts";
import { CALL_WIDTH, type Callable, slots, type ThreadStart } from "./worker.ts";

/** Calls in the table at most. */
const CAPACITY = 1024;
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

/** Workers and the table of calls that they and the calling thread share. */
export class ThreadPool {
  readonly size: number;
  /** Why workers are missing; null while all is well. */
  failure: string | null = null;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * 16 * 1024));
  readonly #table = new Float64Array(new SharedArrayBuffer(8 * CALL_WIDTH * CAPACITY));
  readonly #numbers: ReadonlyMap<Callable, number>;
  readonly #hosts: Host[];
  #foreign: Callable | null = null;
  // The calls in the table, once more as this thread makes them.
  #calls: (readonly number[])[] = [];
  #kernels: Callable[] = [];

  constructor({ module, memory, kernels, scratch, start = threadStarter() }: PoolOptions) {
    this.size = scratch.length + 1;
    this.#numbers = new Map(Object.values(kernels).map((kernel, i) => [kernel, i]));
    const shared = { module, memory, control: this.#control, calls: this.#table, spins: SPINS, slots };
    this.#hosts = scratch.map((address, index) => {
      const data: ThreadStart = { ...shared, scratch: address, index, width: CALL_WIDTH };
      return (start as NonNullable<typeof start>)(data, this.#onEnd);
    });
  }

  /** Workers that can take a call now. They start in the background: until then the caller computes alone. */
  get ready(): number {
    return this.failure === null ? Atomics.load(this.#control, slots.ready) : 0;
  }

  /** Whether the workers can call a function outside WebAssembly; they learn of one such function. */
  reaches(call: Callable, foreign: Foreign): boolean {
    if (this.#foreign === null) for (const host of this.#hosts) host.tell(foreign);
    this.#foreign ??= call;
    return this.#foreign === call;
  }

  /** Puts the parts of one call into the table. */
  addParts(kernel: Callable, division: Division): void {
    const most = division.repeats ? this.size : PARTS_PER_THREAD * this.size;
    const ends = stretches(division, most, LEAST_PART);
    for (let i = 0; i + 1 < ends.length; i++) this.add(kernel, division.part(ends[i], ends[i + 1] - ends[i]));
  }

  /** Puts a call into the table. */
  add(kernel: Callable, args: readonly number[]): void {
    const at = this.#calls.length * CALL_WIDTH;
    this.#table[at] = this.#numbers.get(kernel) ?? -1;
    for (let i = 0; i < args.length; i++) this.#table[at + 1 + i] = args[i];
    this.#calls.push(args);
    this.#kernels.push(kernel);
  }

  get full(): boolean {
    return this.#calls.length + PARTS_PER_THREAD * this.size > CAPACITY;
  }

  /** Makes all calls of the table, together with the workers; returns when the last is done. */
  run(name: string): void {
    const [control, count] = [this.#control, this.#calls.length];
    if (count === 0) return;
    Atomics.store(control, slots.done, 0);
    Atomics.store(control, slots.ticket, count << 16);
    if (Atomics.load(control, slots.sleeping) > 0) Atomics.notify(control, slots.ticket);
    let own = 0;
    try {
      for (let call = this.#take(); call >= 0; call = this.#take(), own++)
        this.#kernels[call](...this.#calls[call]);
    } finally {
      this.clear();
      if (!this.#wait(count - own)) this.#lost(name);
    }
  }

  /** Makes all calls of the table without the workers: for work that is over before they wake up. */
  runAlone(): void {
    const [kernels, calls] = [this.#kernels, this.#calls];
    this.clear();
    for (const [i, kernel] of kernels.entries()) kernel(...calls[i]);
  }

  /** Forgets what was put into the table. */
  clear(): void {
    this.#calls = [];
    this.#kernels = [];
  }

  /** Ends the workers; between operations none of them is at work. */
  close(): void {
    Atomics.store(this.#control, slots.stop, 1);
    Atomics.notify(this.#control, slots.ticket);
    for (const host of this.#hosts) host.end();
  }

  /** The next call from the front of the table, or −1. */
  #take(): number {
    for (;;) {
      const ticket = Atomics.load(this.#control, slots.ticket);
      const call = ticket & 0xffff;
      if (call >= ticket >>> 16) return -1;
      if (Atomics.compareExchange(this.#control, slots.ticket, ticket, ticket + 1) === ticket) return call;
    }
  }

  /** Waits until workers have made `calls` calls; false if that will never be. */
  #wait(calls: number): boolean {
    const control = this.#control;
    for (let i = 0; i < SPINS; i++) if (Atomics.load(control, slots.done) >= calls) return true;
    for (;;) {
      const done = Atomics.load(control, slots.done);
      if (done >= calls) return true;
      if (this.#isLost()) return Atomics.load(control, slots.done) >= calls;
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
