import type { Division, Split } from "../split.ts";
import { tape } from "../tape.ts";
import type { WasmKernel } from "../wasm.ts";
import type { Foreign } from "./host.ts";
import type { ThreadPool } from "./pool.ts";
import { running, severalWanted } from "./threads.ts";
import type { Callable } from "./worker.ts";

/**
 * How calls are shared out between the threads. A kernel's rule says how one call divides; `together` and `inOrder` say what
 * may happen at once, and what may not, among many.
 */

/** Nanoseconds on one thread from which work is divided; see notes/decisions on threads for how it was measured. */
const WORTHWHILE = 20_000;
/** Nanoseconds that a call is taken to last where no rule says. */
const UNKNOWN = 1_000;

/** Calls of a function outside WebAssembly that may be made at once. */
export interface ForeignCalls {
  readonly call: Callable;
  readonly foreign: Foreign;
  readonly calls: readonly (readonly number[])[];
  /** How long all of them take on one thread, roughly. */
  readonly nanoseconds: number;
}

/** Inside `together`: calls are gathered before any of them is made. */
interface Gathering {
  readonly name: string;
  readonly pool: ThreadPool;
  /** What is gathered would take so long on one thread. */
  nanoseconds: number;
  /** Inside `inOrder`: its calls follow one another on one thread; `begun` after the first. */
  chain: null | { begun: boolean };
}

let gathering: Gathering | null = null;

/** What kernels call outside WebAssembly while they run; see `letKernelsCall`. */
let lent: { readonly call: Callable; readonly foreign: Foreign } | null = null;

/** Names the function that kernels call as `sgemm`, so that those of other threads find it, too. */
export function letKernelsCall(call: Callable, foreign: Foreign): void {
  lent = { call, foreign };
}

/** Puts the parts of a call into the table. */
function addParts(pool: ThreadPool, name: string, kernel: WasmKernel, division: Division): void {
  if (division.callsOutside && lent) pool.lend(lent.call, lent.foreign);
  pool.addParts(name, kernel, division);
}

/** Makes one call of a kernel, divided between threads where its rule allows it and it pays. */
export function runKernel(
  name: string,
  kernel: WasmKernel,
  args: readonly number[],
  split: Split | undefined,
): void {
  runDivided(name, kernel, args, (severalWanted() && split?.(...args)) || null);
}

/** The same for a call whose rule was asked before. */
export function runDivided(
  name: string,
  kernel: WasmKernel,
  args: readonly number[],
  division: Division | null,
): void {
  const nanoseconds = division ? division.count * division.cost : UNKNOWN;
  if (gathering) gatherKernel(gathering, kernel, args, division, nanoseconds);
  else {
    const pool = division && nanoseconds >= WORTHWHILE ? running() : null;
    if (!division || !pool) kernel(...args);
    else {
      addParts(pool, name, kernel, division);
      pool.run(name);
    }
  }
}

function gatherKernel(
  to: Gathering,
  kernel: WasmKernel,
  args: readonly number[],
  division: Division | null,
  nanoseconds: number,
): void {
  to.nanoseconds += nanoseconds;
  if (division && !to.chain) addParts(to.pool, to.name, kernel, division);
  else gather(to, kernel, args);
}

/** Makes independent calls of a function outside WebAssembly. */
export function runCalls(name: string, { call, foreign, calls, nanoseconds }: ForeignCalls): void {
  if (gathering) {
    gathering.nanoseconds += nanoseconds;
    for (const args of calls) gather(gathering, call, args, foreign);
    return;
  }
  const pool = calls.length > 1 && nanoseconds >= WORTHWHILE ? running() : null;
  if (!pool) {
    for (const args of calls) call(...args);
    return;
  }
  for (const args of calls) pool.add(name, call, args, { foreign });
  pool.run(name);
}

/**
 * Runs `calls`, all of whose kernel calls write to different places and read nothing that another of them writes: a batch of
 * products, say. They are gathered and then made by all threads at once: too little work by itself, a call may still be a part
 * of enough. A sequence whose calls depend on each other stands in `inOrder`. Results are there when `together` returns.
 */
export function together(name: string, calls: () => void): void {
  noted("together", name, () => gatherAll(name, calls));
}

/** Tells whoever records which calls belong together. */
function noted(kind: "together" | "inOrder", name: string, run: () => void): void {
  const by = tape;
  by?.open(kind, name);
  run();
  by?.close();
}

function gatherAll(name: string, calls: () => void): void {
  const pool = gathering ? null : running();
  if (!pool) {
    calls();
    return;
  }
  const mine: Gathering = { name, pool, nanoseconds: 0, chain: null };
  gathering = mine;
  try {
    calls();
    gathering = null;
    if (mine.nanoseconds < WORTHWHILE) pool.runAlone();
    else pool.run(name);
  } finally {
    gathering = null;
    pool.clear();
  }
}

/**
 * Inside `together`: kernel calls that one thread makes one after the other, such as a piece of a convolution that is lowered,
 * multiplied and folded in the same few buffers. No call of it is divided. Elsewhere it just runs `calls`.
 *
 * ```ts
 * together("conv2d", () => {
 *   for (const lane of lanes) inOrder(() => {
 *     for (const piece of lane.pieces) { kernel.lower(…, lane.buffer); gemm({ … }); kernel.fold(…); }
 *   });
 * });
 * ```
 */
export function inOrder(calls: () => void): void {
  noted("inOrder", "", () => gatherChain(calls));
}

function gatherChain(calls: () => void): void {
  if (!gathering || gathering.chain) {
    calls();
    return;
  }
  const mine = gathering;
  mine.chain = { begun: false };
  try {
    calls();
  } finally {
    mine.chain = null;
  }
}

/** Makes what is gathered so far: the next step does not go through the threads, and may read it. */
export function finishGathered(): void {
  if (gathering) gathering.pool.run(gathering.name);
}

function gather(to: Gathering, call: Callable, args: readonly number[], foreign?: Foreign): void {
  to.pool.add(to.name, call, args, { ...(foreign && { foreign }), follows: to.chain?.begun ?? false });
  if (to.chain) to.chain.begun = true;
}
