import { heap } from "tensorgrad";
import { kernelLevel, threads, useKernels } from "tensorgrad/runtime";

/** What a worker computes with. */
export interface Kernels {
  /** Null where WebAssembly has no SIMD: then plain loops compute. */
  readonly level: string | null;
  readonly shared: boolean;
  readonly threads: number;
}

/** For workers, before anything else: without SIMD the plain loops of the reference take over. */
export function startKernels(): void {
  if (kernelLevel() === null) useKernels("reference");
}

export const kernelsHere = (): Kernels => ({
  level: kernelLevel(),
  shared: heap.shared,
  threads: threads().working,
});
