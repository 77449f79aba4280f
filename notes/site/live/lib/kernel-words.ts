import type { Kernels } from "./kernels.ts";

/** For the foot of a page: what its numbers were computed with. */
export const kernelsInWords = ({ level, threads, shared }: Kernels): string => {
  const kernels = level === null ? "none, plain loops compute: WebAssembly has no SIMD here" : level;
  const count = threads === 1 ? "1" : `${threads} of ${navigator.hardwareConcurrency} cores`;
  return `Kernels: ${kernels}. Threads: ${count}${shared ? "" : "; memory is not shared here"}.`;
};
