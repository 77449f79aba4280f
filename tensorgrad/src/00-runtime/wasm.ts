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

function compile(): WebAssembly.Module | null {
  if (compiled) return compiled;
  const bytes = Uint8Array.from(atob(baseline), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return null;
  compiled = new WebAssembly.Module(bytes);
  return compiled;
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
