/**
 * What a thread does, from its start to its end. The threads share the memory of the tensors and two arrays of their own.
 * One is the table of calls (see table.ts). The other is `control`; its most important word is the ticket, which says which
 * chains of calls are left.
 */

/** Places in `control`, a cache line apart: words that several threads write must not share one. */
export const slots = {
  /** Chains left to make: those from number `low` (lower 16 bits) up to `high` (upper 16 bits, excluded). */
  ticket: 0,
  /** Chains that workers have made of the present table. */
  done: 16,
  /** How many workers are ready, and how many of them sleep. */
  ready: 32,
  sleeping: 48,
  /** 1 tells all to end. */
  stop: 64,
  /** Workers that ran into an error, and what it said (a character per word) in a zero-terminated text. */
  failed: 80,
  message: 96,
  messageLength: 160,
  /** The number of the function outside that kernels call as `sgemm`. */
  sgemm: 256,
  /** From here on a line per worker: whether it is in a call, and a file that is open as long as it lives. */
  workers: 272,
  busy: 0,
  file: 1,
} as const;

export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of this thread's own scratch area. */
  readonly scratch: number;
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly words: Float64Array<SharedArrayBuffer>;
  readonly starts: Int32Array<SharedArrayBuffer>;
  readonly index: number;
  /** How often an idle thread looks for work before it sleeps. */
  readonly spins: number;
  readonly slots: typeof slots;
}

/** Functions by number: from 0 on the kernels, in order of the module's exports; from −1 down those of libraries outside. */
export type Callable = (...args: number[]) => void;

/**
 * The loop of a worker. The worker is started with this function's source text, so neither Node nor a bundler has to find
 * a file. Therefore it uses nothing from outside. It has no named functions inside, because tools wrap those in helpers.
 * `nextForeign` gives the functions outside, in the order in which the pool told of them.
 */
export function runThread(start: ThreadStart, nextForeign: (() => Callable) | null): void {
  const { module, memory, scratch, control, words, starts, spins, slots } = start;
  const own = slots.workers + 16 * start.index;
  const lists: number[][] = []; // one for each number of arguments: spreading the table itself takes 1.5 µs
  const outside: Callable[] = [];
  try {
    // For kernels that multiply inside. A function in a list gets no name, so no tool wraps it.
    const [sgemm] = [
      (...numbers: number[]) => {
        const number = control[slots.sgemm];
        while (outside.length < -number) outside.push((nextForeign as () => Callable)());
        outside[-1 - number](...numbers);
      },
    ];
    const { exports } = new WebAssembly.Instance(module, { env: { memory, scratch, sgemm } });
    const kernels = Object.values(exports).filter((value) => typeof value === "function") as Callable[];
    Atomics.add(control, slots.ready, 1);
    for (let idle = 0; Atomics.load(control, slots.stop) === 0; ) {
      const ticket = Atomics.load(control, slots.ticket);
      const last = (ticket >>> 16) - 1;
      if (last >= (ticket & 0xffff)) {
        // Workers take from the back, the caller from the front: each finds in its cache what it wrote the last time.
        Atomics.store(control, own + slots.busy, 1);
        if (Atomics.compareExchange(control, slots.ticket, ticket, ticket - 0x10000) === ticket) {
          for (let at = starts[last]; at < starts[last + 1]; ) {
            const number = words[at++];
            const count = words[at++];
            lists[count] ??= new Array<number>(count).fill(0);
            const args = lists[count];
            for (let i = 0; i < count; i++) args[i] = words[at++];
            while (outside.length < -number) outside.push((nextForeign as () => Callable)());
            const kernel = number < 0 ? outside[-1 - number] : kernels[number];
            kernel(...args);
          }
          Atomics.add(control, slots.done, 1);
          Atomics.notify(control, slots.done);
        }
        Atomics.store(control, own + slots.busy, 0);
        idle = 0;
      } else if (++idle > spins) {
        Atomics.add(control, slots.sleeping, 1);
        Atomics.wait(control, slots.ticket, ticket);
        Atomics.sub(control, slots.sleeping, 1);
        idle = 0;
      }
    }
  } catch (error) {
    const text = String(error).slice(0, slots.messageLength - 1);
    for (let i = 0; i < text.length; i++) control[slots.message + i] = text.charCodeAt(i);
    Atomics.add(control, slots.failed, 1);
    Atomics.store(control, own + slots.busy, 0);
    Atomics.notify(control, slots.done);
  }
}
