import { loadKoffi } from "../00-runtime/index.ts";

/** What is called of an MPI library. Memory is given by its address; every call returns 0 when all went well. */
export interface Mpi {
  /** `Open MPI`, `MPICH` */
  readonly name: string;
  init(): number;
  finalize(): number;
  rank(): number;
  size(): number;
  barrier(): number;
  /** Puts the sum over all ranks in place of `values`. */
  sumInPlace(values: Float32Array | Float64Array): number;
  /** Puts rank 0's bytes in place of everybody's. */
  broadcast(bytes: Uint8Array): number;
}

/** Ranks that cannot work together, or an MPI that cannot be used. */
export class RankError extends Error {
  override name = "RankError";
}

/** The part of koffi that is used here. */
interface Library {
  func(definition: string): (...args: unknown[]) => unknown;
  symbol(name: string): unknown;
}
interface Koffi {
  load(path: string, options?: { global: boolean }): Library;
  address(of: unknown): bigint;
}

/** Where each library may be, the parts that it needs first. Open MPI finds its own parts only if all of them are global. */
const LIBRARIES: readonly (readonly string[])[] = [
  ["libopen-pal.so.40", "libopen-rte.so.40", "libmpi.so.40"],
  ["libopen-pal.so.80", "libmpi.so.40"],
  ["libmpich.so.12"],
  ["libmpi.so.12"],
  ["libmpi.dylib"],
];

/**
 * What a standard leaves to its implementations: objects are addresses of global variables in Open MPI, numbers in MPICH; and the
 * mark that says "in place".
 */
interface Handles {
  readonly world: number;
  readonly float32: number;
  readonly float64: number;
  readonly byte: number;
  readonly sum: number;
  readonly inPlace: bigint;
}

const MPICH: Handles = {
  world: 0x44000000,
  float32: 0x4c00040a,
  float64: 0x4c00080b,
  byte: 0x4c00010d,
  sum: 0x58000003,
  inPlace: 2n ** 64n - 1n,
};

function openMpiHandles(koffi: Koffi, library: Library): Handles {
  const at = (name: string): number => Number(koffi.address(library.symbol(`ompi_mpi_${name}`)));
  const [float32, float64] = [at("float"), at("double")];
  return { world: at("comm_world"), float32, float64, byte: at("byte"), sum: at("op_sum"), inPlace: 1n };
}

/**
 * Loads the machine's MPI.
 *
 * Throws  RankError if koffi or an MPI is missing
 */
export function openMpi(): Mpi {
  const koffi = nativeCalls();
  const library = firstOf(koffi);
  const isOpenMpi = has(library, "ompi_mpi_comm_world");
  const handles = isOpenMpi ? openMpiHandles(koffi, library) : MPICH;
  return bind(isOpenMpi ? "Open MPI" : "MPICH", koffi, library, handles);
}

function bind(name: string, koffi: Koffi, library: Library, handles: Handles): Mpi {
  const { world, float32, float64, byte, sum, inPlace } = handles;
  const object = name === "MPICH" ? "int" : "uintptr_t";
  const call = (name: string, parameters: string) =>
    library.func(`int ${name}(${parameters})`) as (...args: unknown[]) => number;
  const [init, finalize] = [call("MPI_Init", "void *, void *"), call("MPI_Finalize", "")];
  const [rankOf, sizeOf] = ["rank", "size"].map((what) => call(`MPI_Comm_${what}`, `${object}, int *`));
  const barrier = call("MPI_Barrier", object);
  const allreduce = call("MPI_Allreduce", `uintptr_t, uintptr_t, int, ${object}, ${object}, ${object}`);
  const bcast = call("MPI_Bcast", `uintptr_t, int, ${object}, int, ${object}`);
  const asked = (question: (...args: unknown[]) => number): number => {
    const answer = new Int32Array(1);
    question(world, answer);
    return answer[0];
  };
  return {
    name,
    init: () => init(null, null),
    finalize: () => finalize(),
    rank: () => asked(rankOf),
    size: () => asked(sizeOf),
    barrier: () => barrier(world),
    sumInPlace: (values) => {
      const type = values instanceof Float32Array ? float32 : float64;
      return allreduce(inPlace, koffi.address(values), values.length, type, sum, world);
    },
    broadcast: (bytes) => bcast(koffi.address(bytes), bytes.length, byte, 0, world),
  };
}

function nativeCalls(): Koffi {
  try {
    return loadKoffi() as unknown as Koffi;
  } catch (error) {
    throw new RankError(
      `init: koffi, which calls native libraries, is missing (${(error as Error).message})`,
    );
  }
}

function firstOf(koffi: Koffi): Library {
  const reasons: string[] = [];
  for (const parts of LIBRARIES) {
    try {
      const opened = parts.map((part) => koffi.load(part, { global: true }));
      return opened[opened.length - 1];
    } catch (error) {
      reasons.push((error as Error).message.split("\n")[0]);
    }
  }
  throw new RankError(
    `init: no MPI library was found (${reasons[0]}) — ranks talk by MPI; install Open MPI (Debian: openmpi-bin libopenmpi3) or MPICH`,
  );
}

function has(library: Library, name: string): boolean {
  try {
    return Boolean(library.symbol(name));
  } catch {
    return false;
  }
}
