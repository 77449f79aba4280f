import { noteChange } from "../choices.ts";
import { heap } from "../memory/heap.ts";
import { described } from "../product.ts";
import { type ForeignCalls, letKernelsCall } from "../threads/share.ts";
import { outside } from "../wasm.ts";
import { disagreement, type ReferenceGemm } from "./check.ts";
import { CORETYPE, isNarrow, widestCore } from "./core-type.ts";
import {
  type BlasLibrary,
  BlasRefusal,
  candidates,
  type LocatedKoffi,
  loadKoffi,
  openBlas,
} from "./library.ts";
import { openOnnxRuntime } from "./onnxruntime.ts";
import { type BlasReport, ONNX_RUNTIME, settingOfEnvironment, valid } from "./setting.ts";

export type { BlasReport };

/**
 * The system's BLAS as one more implementation of the kernel `gemm`: Accelerate, OpenBLAS or MKL, called directly on
 * the shared heap; or ONNX Runtime's where the system has none. `TENSORGRAD_BLAS` says which: `auto` (the default: what there
 * is), `off`, `onnxruntime`, or a path.
 *
 * A library is found, loaded and checked against the reference kernel when the first product large enough comes along.
 * Whatever is wrong with it, the own kernel computes instead.
 */

/** From this many multiplications on BLAS wins (20³; measured: below, the two are equal or the call costs more). */
const WORTHWHILE = 8_000;
/** Up to so many rows the own kernel reads a matrix at the speed of memory, which a library does not always. */
const FEW_ROWS = 3;
/** Numbers in a matrix that comes from memory, not from a cache. */
const FAR = 2 ** 19;
/** What a BLAS takes per multiplication, roughly: 100 GFLOP/s. */
const NANOSECONDS = 0.02;

interface Found {
  readonly report: BlasReport;
  readonly library: BlasLibrary | null;
  /** Where the heap begins, as the library counts. */
  readonly base: number;
}

let setting: string | null = null;
let found: Found | null = null;
let reference: ReferenceGemm | null = null;
let warn: (message: string) => void = (message) => console.warn(message);

/** The plain loops of `gemm`, which a library has to agree with. */
export function proveAgainst(loop: ReferenceGemm): void {
  reference = loop;
}

/** The calls of a library that make up a product, given as `gemm` takes it; null where the own kernel computes it. */
export function libraryCalls(list: readonly number[]): ForeignCalls | null {
  setting ??= settingOfEnvironment();
  const [, , , m, n, k] = list;
  // Products with a vector wait for memory, not for arithmetic: the own kernel is no slower, and often faster.
  if (m <= 1 || n <= 1 || m * n * k < WORTHWHILE || (m <= FEW_ROWS && n * k >= FAR)) return null;
  const { library, base } = found ?? search();
  const calls = library?.callsFor(described(list), base);
  return library && calls
    ? { call: library.call, foreign: library.foreign, calls, nanoseconds: NANOSECONDS * m * n * k }
    : null;
}

/**
 * Where the heap begins in the address space of the process. Kernels that call `sgemm` while they run add it to their
 * addresses. It is 0 where there is no BLAS: then kernels multiply themselves.
 */
export function blasBase(): number {
  setting ??= settingOfEnvironment();
  const { library, base } = found ?? search();
  return library?.sgemm ? base : 0;
}

/** Which BLAS multiplies, and why not another; searches now if no product has yet. */
export function blas(): BlasReport {
  setting ??= settingOfEnvironment();
  return (found ?? search()).report;
}

/** Chooses the BLAS from here on, over `TENSORGRAD_BLAS`: `auto`, `off`, `onnxruntime` or the path of a library. */
export function useBlas(wanted: string): void {
  setting = valid(wanted, "useBlas");
  found = null;
  noteChange();
}

/** Where warnings about refused libraries go (default: `console.warn`). */
export function onBlasWarning(handler: (message: string) => void): void {
  warn = handler;
}

/** Where to look, in this order. Asked only where there is koffi: a browser has no platform. */
const known = (): string[] => [...(candidates[process.platform] ?? []), ONNX_RUNTIME];

/** Takes the first library that loads and computes right. */
function search(): Found {
  const wanted = setting as string;
  const refused: string[] = [];
  const koffi = wanted === "off" ? null : attempt("koffi", loadKoffi, refused);
  const paths = koffi ? (wanted === "auto" ? known() : [wanted]) : [];
  let library: BlasLibrary | null = null;
  for (const path of paths) {
    const open = path === ONNX_RUNTIME ? openOnnxRuntime : openBlas;
    library ??= attempt(path, () => checked(wide(open(koffi as LocatedKoffi, path))), refused);
  }
  const report = { setting: wanted, library: library && shown(library), refused };
  found = { report, library, base: library?.addressOf(new Uint8Array(heap.memory.buffer)) ?? 0 };
  if (library?.sgemm) {
    outside.sgemm = library.sgemm;
    letKernelsCall(library.sgemm, library.foreign);
  }
  return found;
}

function checked(library: BlasLibrary): BlasLibrary {
  const wrong = reference && disagreement(library, reference);
  if (wrong) throw new BlasRefusal(wrong);
  return library;
}

/** Nobody who did not ask for it gets a library that is slower than the own kernels. */
function wide(library: BlasLibrary): BlasLibrary {
  const { name, core } = library;
  const better = widestCore();
  const asked = setting !== "auto" || process.env[CORETYPE];
  if (asked || name !== "OpenBLAS" || !isNarrow(core, better)) return library;
  throw new BlasRefusal(
    `it computes with kernels for ${core}, slower than others can; ${CORETYPE}=${better} in the environment may help`,
  );
}

const shown = ({ name, version, core, instead, path }: BlasLibrary): BlasReport["library"] => ({
  name,
  version,
  core,
  instead,
  path,
});

/** What `step` gives, or null with the reason in `refused`; a warning unless nobody asked for what is absent. */
function attempt<T>(what: string, step: () => T, refused: string[]): T | null {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof BlasRefusal)) throw error;
    const reason = `${what}: ${error.message}`;
    refused.push(reason);
    if (!(error.absent && setting === "auto"))
      warn(
        `BLAS: ${reason} — matrix products run on tensorgrad's own kernels; TENSORGRAD_BLAS=off hides this`,
      );
    return null;
  }
}
