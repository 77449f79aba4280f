import { baseline, heapBase, relaxed, scratchBytes } from "../generated/kernels.ts";
import { decode } from "./base64.ts";

export { heapBase, scratchBytes };

/**
 * The two builds of the kernels. `relaxed` rounds a·b + c once, so its results may differ from those of `baseline` in the
 * last bits.
 */
export type KernelLevel = "baseline" | "relaxed";

const builds: Readonly<Record<KernelLevel, string>> = { baseline, relaxed };

/** The bytes of a build, for the caller to change; null where it is not at hand. */
export const kernelBytes = (level: KernelLevel): Uint8Array<ArrayBuffer> | null => decode(builds[level]);
