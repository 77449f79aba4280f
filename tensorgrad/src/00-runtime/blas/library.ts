import { builtinModules } from "../builtin.ts";
import type { Product } from "../product.ts";
import type { Foreign } from "../threads/host.ts";
import type { Callable } from "../threads/worker.ts";
import { panels, type Sgemm } from "./call.ts";
import { coreOf, type Loaded, loadWide, type SetVariable, widestCore } from "./core-type.ts";

/** A BLAS that could be loaded; whether it computes right is another question. */
export interface BlasLibrary {
  /** "OpenBLAS", "MKL", "Accelerate", or "BLAS" for any other. */
  readonly name: string;
  /** In the library's own words; empty where it does not say. */
  readonly version: string;
  /** The kernels it chose for this processor; empty where it does not say. */
  readonly core: string;
  /** The kernels that it had chosen by itself, narrower ones than this processor runs; empty where its choice stands. */
  readonly instead: string;
  /** What was asked of the system's loader: a path, or a name that it searched for. */
  readonly path: string;
  readonly call: Callable;
  /** `cblas_sgemm` itself, which kernels call while they run; null in libraries of other words. */
  readonly sgemm: Callable | null;
  /** How another thread comes to the same function. */
  readonly foreign: Foreign;
  /**
   * The calls that make up a product over memory that begins at `base`; they may be made at once. Null for products that the
   * library has no words for.
   */
  callsFor(product: Product<number>, base: number): (readonly number[])[] | null;
  /** Address of an array's first byte. */
  addressOf(array: ArrayBufferView): number;
}

/** A library that will not be used, and why. `absent` means that there simply is none. */
export class BlasRefusal extends Error {
  override name = "BlasRefusal";
  readonly absent: boolean;
  constructor(reason: string, { absent = false } = {}) {
    super(reason);
    this.absent = absent;
  }
}

// uintptr_t for pointers: addresses are plain numbers, and nothing is wrapped or copied on the way.
const SGEMM =
  "void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, float alpha, " +
  "uintptr_t a, int lda, uintptr_t b, int ldb, float beta, uintptr_t c, int ldc)";

/** The part of koffi that is used here; it is an optional dependency, types included. */
export interface Koffi {
  /** The library at `path`; null for the process itself. */
  load(path: string | null): Loaded;
  address(array: ArrayBufferView): bigint;
}
/** koffi and where it is, for threads that load it again. */
export type LocatedKoffi = Koffi & { readonly location: string };

/** Names under which the system's loader may know a BLAS, the best one first. */
export const candidates: Readonly<Record<string, readonly string[]>> = {
  darwin: [
    "/System/Library/Frameworks/Accelerate.framework/Accelerate",
    "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
    "/usr/local/opt/openblas/lib/libopenblas.dylib",
  ],
  linux: ["libopenblas.so.0", "libopenblas.so", "libmkl_rt.so.2", "libmkl_rt.so"],
  win32: ["libopenblas.dll", "openblas.dll", "mkl_rt.2.dll", "mkl_rt.dll"],
};

/**
 * Loads the BLAS at `path` and holds it to one thread: the threads that call it are tensorgrad's own.
 *
 * Throws  BlasRefusal if it is absent, no library for this machine, or has no cblas_sgemm
 */
export function openBlas(koffi: LocatedKoffi, path: string): BlasLibrary {
  // Accelerate reads this once, when it is first used.
  if (path.includes("Accelerate")) process.env.VECLIB_MAXIMUM_THREADS ??= "1";
  const { native, instead } = loadWide(() => load(koffi, path), variables(koffi), widestCore());
  const call = symbol(native, SGEMM) as Sgemm | null;
  if (!call) throw new BlasRefusal("it has no cblas_sgemm");
  const foreign = { koffi: koffi.location, open: String(openFunction), data: { path, definition: SGEMM } };
  const addressOf = (array: ArrayBufferView) => Number(koffi.address(array));
  return {
    ...introduce(native, path),
    instead,
    path,
    call: call as Callable,
    sgemm: call as Callable,
    foreign,
    callsFor: panels,
    addressOf,
  };
}

/** How a thread makes the function its own; its source text is sent there. */
const openFunction = (koffi: Koffi, { path, definition }: { path: string; definition: string }) =>
  koffi.load(path).func(definition);

/** Who the library is; each kind has its own way to be held to one thread. */
function introduce(native: Loaded, path: string): { name: string; version: string; core: string } {
  const openblas = symbol(native, "void openblas_set_num_threads(int threads)");
  if (openblas) {
    openblas(1);
    const config = symbol(native, "const char *openblas_get_config()")?.();
    const version = /\d+(\.\d+)+\S*/.exec(String(config ?? ""))?.[0] ?? "";
    return { name: "OpenBLAS", version, core: coreOf(native) ?? "" };
  }
  const mkl = symbol(native, "void MKL_Set_Num_Threads(int threads)");
  if (mkl) {
    mkl(1);
    const text = new Uint8Array(200);
    symbol(native, "void MKL_Get_Version_String(uint8_t *text, int size)")?.(text, text.length);
    const version = /Version ([\d.]+)/.exec(new TextDecoder().decode(text))?.[1] ?? "";
    return { name: "MKL", version, core: "" };
  }
  return { name: path.includes("Accelerate") ? "Accelerate" : "BLAS", version: "", core: "" };
}

/**
 * koffi, which calls native libraries. No static import, nor of Node's modules: bundles for the browser contain this file.
 *
 * Throws  BlasRefusal if it is not installed or this is no Node
 */
export function loadKoffi(): LocatedKoffi {
  const builtin = builtinModules();
  if (!builtin) throw new BlasRefusal("this runtime loads no native libraries", { absent: true });
  const require = builtin("node:module").createRequire(import.meta.url);
  try {
    return { ...(require("koffi") as Koffi), location: require.resolve("koffi") };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND";
    const reason = missing ? "it is not installed" : `it does not load (${firstLine(error)})`;
    throw new BlasRefusal(`${reason}; npm install koffi`, { absent: missing });
  }
}

/** `process.env` reaches native libraries from the main thread only. */
function variables(koffi: Koffi): SetVariable {
  return (name, value) => {
    const system = koffi.load(null);
    if (value === null) system.func("int unsetenv(const char *name)")(name);
    else system.func("int setenv(const char *name, const char *value, int overwrite)")(name, value, 1);
  };
}

function load(koffi: Koffi, path: string): Loaded {
  // Loaders say "not found" of a file for another processor, too: look first where there is a path to look at.
  const isPath = /[\\/]/.test(path);
  if (isPath && !onDisk(path)) throw new BlasRefusal("there is no such file", { absent: true });
  try {
    return koffi.load(path);
  } catch (error) {
    const words = firstLine(error).replace(/^Failed to load shared library: /, "");
    if (!/no such file|not found|cannot find|could not be found/i.test(words))
      throw new BlasRefusal(`it does not load (${words})`);
    if (!isPath) throw new BlasRefusal("there is no such library", { absent: true });
    throw new BlasRefusal(
      `it does not load on ${process.platform} ${process.arch} (made for another processor, or a library that it needs is missing)`,
    );
  }
}

function onDisk(path: string): boolean {
  // macOS keeps its own libraries in a cache of the loader, not in files.
  return path.startsWith("/System/") || process.getBuiltinModule("node:fs").existsSync(path);
}

function symbol(native: Loaded, definition: string): ((...args: unknown[]) => unknown) | null {
  try {
    return native.func(definition);
  } catch {
    return null;
  }
}

const firstLine = (error: unknown): string => (error as Error).message.split("\n")[0];
