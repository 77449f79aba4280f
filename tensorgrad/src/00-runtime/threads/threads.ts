import { heap } from "../memory/heap.ts";
import { kernelLevel, kernelModule, scratchBytes } from "../wasm.ts";
import { threadStarter } from "./host.ts";
import { ThreadPool } from "./pool.ts";

/**
 * Threads for the kernels. `TENSORGRAD_THREADS` says how many compute, the calling one included; without it, as many as the
 * process may use at once. They start when the first work worth dividing comes along, sleep when there is none, and never
 * keep the process alive. Results are bit for bit the same for any number.
 */

const MOST = 64;

/** How many threads were asked for, how many work, and why there are fewer. */
export interface ThreadReport {
  /** How many were asked for, by `TENSORGRAD_THREADS`, `useThreads` or the number of cores. */
  readonly wanted: number;
  /** How many compute now; the others are not needed yet, still starting, or cannot be. */
  readonly working: number;
  /** Why there is only one where more are wanted: no shared memory, or a worker that ended. */
  readonly failure: string | null;
}

let wanted: number | null = null;
let pool: ThreadPool | null = null;
let failure: string | null = null;
const scratchAreas: number[] = [];

/** How many threads compute. */
export function threads(): ThreadReport {
  wanted ??= wantedByEnvironment();
  const reason = wanted > 1 ? (failure ?? pool?.failure ?? impossible()) : null;
  return { wanted, working: reason || !pool ? 1 : Math.min(wanted, 1 + pool.ready), failure: reason };
}

/** Chooses how many threads compute from here on, over `TENSORGRAD_THREADS`. */
export function useThreads(count: number): void {
  wanted = valid(count, String(count), "useThreads");
  pool?.close();
  pool = null;
  failure = null;
}

function wantedByEnvironment(): number {
  const value = typeof process === "undefined" ? undefined : process.env?.TENSORGRAD_THREADS;
  if (value) return valid(/^\d+$/.test(value) ? Number(value) : Number.NaN, value, "TENSORGRAD_THREADS");
  const node = typeof process === "undefined" ? undefined : process.getBuiltinModule?.("node:os");
  const cores = node?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  return Math.min(cores, MOST);
}

function valid(count: number, given: string, call: string): number {
  if (Number.isInteger(count) && count >= 1 && count <= MOST) return count;
  throw new RangeError(
    `${call}: ${given} — must be a whole number of threads from 1 to ${MOST}; 1 computes on the calling thread alone`,
  );
}

/** Why this runtime cannot have several threads, or null. */
function impossible(): string | null {
  if (!heap.wasm) return "the reference kernels run on one thread";
  if (!heap.shared) return "this runtime has no memory that threads can share";
  return threadStarter() ? null : "this page is not cross-origin isolated, so threads cannot share memory";
}

/** Whether more than one thread is wanted: then, and only then, work is looked at for what it divides into. */
export function severalWanted(): boolean {
  wanted ??= wantedByEnvironment();
  return wanted > 1;
}

/** The pool if it can take work now; starts it when first asked. */
export function running(): ThreadPool | null {
  if (!severalWanted() || failure !== null) return null;
  pool ??= startPool(wanted as number);
  return pool && pool.ready > 0 ? pool : null;
}

function startPool(count: number): ThreadPool | null {
  const level = kernelLevel();
  const module = level && kernelModule(level);
  failure = impossible();
  if (failure !== null || !heap.wasm || !module) return null;
  try {
    while (scratchAreas.length < count - 1) scratchAreas.push(heap.reserve(scratchBytes));
    const scratch = scratchAreas.slice(0, count - 1);
    return new ThreadPool({ module, memory: heap.memory, kernels: heap.wasm, scratch });
  } catch (error) {
    failure = `threads could not be started: ${(error as Error).message}`;
    return null;
  }
}
