import { can, expectArgument } from "../00-runtime/index.ts";
import { type Mpi, openMpi, RankError } from "./mpi.ts";

/**
 * The processes that `mpirun` started together. Every call but `rank` and `size` waits until all ranks have made it: a call that
 * only some make never returns.
 */
export interface Group {
  /** Which one this is: 0 … size − 1. */
  readonly rank: number;
  readonly size: number;
  /** The sum of each number over all ranks. */
  sum(values: readonly number[]): number[];
  /** Puts the sums over all ranks in place of the numbers. */
  sumInPlace(values: Float32Array | Float64Array): void;
  /** Rank 0's bytes, on every rank. There are as many as here. */
  broadcast(bytes: Uint8Array): void;
  /** Returns when all ranks have come here. */
  barrier(): void;
  /** The last call of all. A process that ends without it makes `mpirun` end the others. */
  finalize(): void;
}

/** Nobody else: what a program is without `mpirun`. */
class Alone implements Group {
  readonly rank = 0;
  readonly size = 1;
  sum(values: readonly number[]): number[] {
    return [...values];
  }
  sumInPlace(): void {}
  broadcast(): void {}
  barrier(): void {}
  finalize(): void {}
}

/** Counts of MPI calls are 32-bit integers. */
const MOST = 2 ** 30;

class MpiGroup implements Group {
  readonly rank: number;
  readonly size: number;
  readonly #mpi: Mpi;
  #isOpen = true;

  constructor(mpi: Mpi) {
    this.#mpi = mpi;
    if (mpi.init() !== 0) throw new RankError("init: MPI_Init failed — was the process started by mpirun?");
    [this.rank, this.size] = [mpi.rank(), mpi.size()];
  }

  sum(values: readonly number[]): number[] {
    const sums = Float64Array.from(values);
    this.sumInPlace(sums);
    return Array.from(sums);
  }

  sumInPlace(values: Float32Array | Float64Array): void {
    this.#each(values, (part) => this.#mpi.sumInPlace(part), "MPI_Allreduce");
  }

  broadcast(bytes: Uint8Array): void {
    this.#each(bytes, (part) => this.#mpi.broadcast(part), "MPI_Bcast");
  }

  barrier(): void {
    this.#ensureOpen("barrier");
    done("MPI_Barrier", this.#mpi.barrier());
  }

  finalize(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    done("MPI_Finalize", this.#mpi.finalize());
  }

  #each<T extends Float32Array | Float64Array | Uint8Array>(
    all: T,
    call: (part: T) => number,
    name: string,
  ): void {
    this.#ensureOpen(name);
    for (let from = 0; from < all.length; from += MOST)
      done(name, call(all.subarray(from, from + MOST) as T));
  }

  #ensureOpen(call: string): void {
    if (!this.#isOpen) throw new RankError(`${call}: after finalize() — it is the last call of all`);
  }
}

function done(call: string, code: number): void {
  if (code !== 0) throw new RankError(`${call}: MPI reports error ${code}`);
}

let group: Group | null = null;

/** Variables that `mpirun`, or a batch system in its place, sets for every rank. */
const STARTED = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"] as const;

/**
 * Joins the ranks that `mpirun` started with this one; a program that was started alone is its own only rank. To call it again
 * gives the same group.
 *
 *   mpirun -n 2 npx tsx train.ts
 *
 * Throws  RankError if the program was started by mpirun and MPI cannot be loaded
 */
export function init(): Group {
  group ??= STARTED.some((name) => process.env[name] !== undefined) ? new MpiGroup(openMpi()) : new Alone();
  return group;
}

/** Which rank this is; 0 without `mpirun`. */
export const rank = (): number => init().rank;

/** How many ranks there are; 1 without `mpirun`. */
export const size = (): number => init().size;

/** Refuses anything but a group of ranks, such as `init()` gives. */
export const expectGroup = (call: string, group: unknown): void =>
  expectArgument(
    can(group, "broadcast", "sumInPlace"),
    call,
    "group",
    group,
    "a group of ranks, such as init()",
  );
