import { heapBase, scratchBytes } from "../generated/kernels.ts";
import { hasFusedSimd } from "./fused-simd.ts";
import type { KernelLevel } from "./kernel-bytes.ts";

// In the place of kernel-bytes.ts when the built package is bundled for a browser (the field `browser` of package.json).
// There the numbers of the first line come from a small file of their own: scripts/kernel-files.ts.
export { heapBase, type KernelLevel, scratchBytes };

/** The build that this browser computes with; the other one is never loaded. */
const best: KernelLevel = hasFusedSimd() ? "relaxed" : "baseline";
const loaded: Uint8Array<ArrayBuffer> = (await fetched(best)) ?? (await embedded(best));

/** The bytes of a build, for the caller to change; null where it is not at hand. */
export const kernelBytes = (level: KernelLevel): Uint8Array<ArrayBuffer> | null =>
  level === best ? loaded.slice() : null;

/** The file beside this one; null where no server has it, or a page may not fetch. */
async function fetched(level: KernelLevel): Promise<Uint8Array<ArrayBuffer> | null> {
  const bytes = await downloaded(level).catch(() => null);
  return bytes && isModule(bytes) ? bytes : null; // some servers send a page in place of what they lack
}

async function downloaded(level: KernelLevel): Promise<Uint8Array<ArrayBuffer>> {
  // Written out twice: a bundler finds files by such expressions.
  const url =
    level === "relaxed"
      ? new URL("../generated/relaxed.wasm", import.meta.url)
      : new URL("../generated/baseline.wasm", import.meta.url);
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

/** Whether it begins as a WebAssembly module does: zero, `asm`. */
function isModule(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 4)) === "\0asm";
}

/** The same bytes as text, loaded only if the file is missing. */
async function embedded(level: KernelLevel): Promise<Uint8Array<ArrayBuffer>> {
  const { decode } = await import("./base64.ts");
  return decode((await import("../generated/kernels.ts"))[level]);
}
