import { baseline, heapBase, scratchBytes } from "../generated/kernels.ts";

// Low memory, in bytes: [0, heapBase) holds the module's constants, the same for every instance; each
// instance (each thread) needs a scratch area of scratchBytes of its own; tensors come after those.
export { heapBase, scratchBytes };

/** A kernel in WebAssembly: byte addresses where the reference takes arrays. */
export type WasmKernel = (...args: number[]) => void;

/** Why there are no kernels, in the words of the error that a user sees. */
export const SIMD_REQUIREMENT =
  "WebAssembly without SIMD: the fast kernels need 128-bit SIMD and shared memory (Node 16.4, Chrome 91, " +
  "Firefox 89, Safari 16.4 or later); the reference kernels run everywhere";

let compiled: WebAssembly.Module | null = null;

/** The module, or null if this runtime does not know its instructions. */
function compile(): WebAssembly.Module | null {
  if (compiled) return compiled;
  try {
    compiled = new WebAssembly.Module(decode(baseline));
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
  }
  return compiled;
}

/** Base64 to bytes, in every runtime. A plain loop: Uint8Array.from with a callback takes 30 ms here. */
function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * Instantiates the kernels over `memory` with a scratch area at address `scratch` (a multiple of 64).
 * Null where the runtime lacks WebAssembly SIMD.
 */
export function loadKernels(memory: WebAssembly.Memory, scratch: number): Record<string, WasmKernel> | null {
  const module = compile();
  if (module === null) return null;
  const { exports } = new WebAssembly.Instance(module, {
    env: { memory, scratch },
  });
  const kernels: Record<string, WasmKernel> = {};
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value === "function") kernels[name] = value as WasmKernel;
  }
  return kernels;
}
