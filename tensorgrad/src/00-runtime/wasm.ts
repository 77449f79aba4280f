import { hasFusedSimd } from "./fused-simd.ts";
import { heapBase, type KernelLevel, kernelBytes, scratchBytes } from "./kernel-bytes.ts";
import { isShared } from "./memory/memory.ts";

// Low memory, in bytes: [0, heapBase) holds the module's constants, the same for every instance; each
// instance (each thread) needs a scratch area of scratchBytes of its own; tensors come after those.
export { heapBase, type KernelLevel, scratchBytes };

/** A kernel in WebAssembly: byte addresses where the reference takes arrays. */
export type WasmKernel = (...args: number[]) => void;

/** `auto` takes the best that the runtime has; `off` leaves everything to the plain loops of the reference. */
type Setting = "auto" | KernelLevel | "off";

/** What a user reads where there are no kernels. */
export const SIMD_REQUIREMENT =
  "kernels: this runtime has WebAssembly without SIMD — float32 needs its 128-bit SIMD (Node 16.4, Chrome 91, Firefox 89, " +
  'Safari 16.4 or later, on a processor with SSE4.1 or NEON); useKernels("reference") from tensorgrad/runtime, or ' +
  "TENSORGRAD_SIMD=off, computes with plain loops, many times slower";

const compiled = new Map<string, WebAssembly.Module>();

/** Which build this process computes with, or null without one: `TENSORGRAD_SIMD`, or the best there is. */
export function kernelLevel(): KernelLevel | null {
  const wanted = settingOfEnvironment();
  if (wanted === "off") return null;
  const level = wanted === "auto" ? (hasFusedSimd() ? "relaxed" : "baseline") : wanted;
  return kernelModule(level) && level;
}

/**
 * A build, compiled once; null if this runtime does not know its instructions. Whether the memory that it imports is shared
 * is part of a module's type; the instructions are the same.
 */
export function kernelModule(level: KernelLevel, shared = true): WebAssembly.Module | null {
  if (level === "relaxed" && !hasFusedSimd()) return null;
  const key = `${level} ${shared}`;
  const known = compiled.get(key);
  if (known) return known;
  const bytes = kernelBytes(level);
  if (bytes === null) return null;
  try {
    const module = new WebAssembly.Module(shared ? bytes : unshared(bytes));
    compiled.set(key, module);
    return module;
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    return null;
  }
}

/** Functions outside WebAssembly that kernels call while they run. Threads have their own (threads/worker.ts). */
export const outside: { sgemm: (...args: number[]) => void } = {
  sgemm() {
    throw new Error("sgemm: a kernel was told of a BLAS that is not there");
  },
};

/**
 * Instantiates the kernels over `memory` with a scratch area at address `scratch` (a multiple of 64).
 * Null where the runtime lacks WebAssembly SIMD, or TENSORGRAD_SIMD is off.
 */
export function loadKernels(
  memory: WebAssembly.Memory,
  scratch: number,
  level = kernelLevel(),
): Record<string, WasmKernel> | null {
  const module = level && kernelModule(level, isShared(memory));
  if (!module) return null;
  const { exports } = new WebAssembly.Instance(module, {
    env: { memory, scratch, sgemm: (...args: number[]) => outside.sgemm(...args) },
  });
  const kernels: Record<string, WasmKernel> = {};
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value === "function") kernels[name] = value as WasmKernel;
  }
  return kernels;
}

/** Whether the kernels are switched off, rather than missing. */
export const kernelsAreOff = (): boolean => settingOfEnvironment() === "off";

function settingOfEnvironment(): Setting {
  const value = (typeof process === "undefined" ? undefined : process.env?.TENSORGRAD_SIMD) || "auto";
  if (value === "auto" || value === "baseline" || value === "off") return value;
  if (value !== "relaxed")
    throw new RangeError(`TENSORGRAD_SIMD: "${value}" — must be "auto", "relaxed", "baseline" or "off"`);
  if (!hasFusedSimd())
    throw new RangeError(
      `TENSORGRAD_SIMD: "relaxed" — this runtime or processor has no fused multiply-add (Node 20, Chrome 114 or later have it); use "auto"`,
    );
  return value;
}

// The import "env" "memory", a memory (2) with limits of kind 3: shared, with a maximum. Kind 1 has only the maximum.
const SHARED_IMPORT = "\x03env\x06memory\x02\x03";

function unshared(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const start = String.fromCharCode(...bytes.subarray(0, 4000)).indexOf(SHARED_IMPORT);
  bytes[start + SHARED_IMPORT.length - 1] = 1;
  return bytes;
}
