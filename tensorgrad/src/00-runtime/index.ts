/** Module 00: memory, kernels, randomness and errors, on which everything else stands. */
export { type BlasReport, blas, onBlasWarning, useBlas } from "./blas.ts";
export { collect } from "./collector.ts";
export type { DType, TypedArray } from "./dtype.ts";
export {
  bytesPerElement,
  dtypeOfArray,
  isDType,
  isFloat,
  promote,
} from "./dtype.ts";
export {
  DisposedError,
  FormatError,
  GradientError,
  HeapError,
  ShapeError,
  show,
  showBytes,
  ThreadError,
} from "./errors.ts";
export { type Allocation, heap } from "./heap.ts";
export {
  type KernelChoice,
  kernelChoice,
  kernels,
  type Operand,
  useKernels,
} from "./kernels.ts";
export {
  defaultRandom,
  manualSeed,
  Random,
  type RandomState,
} from "./random.ts";
export { currentScope, own, type Scope, scope } from "./scope.ts";
export { Storage } from "./storage.ts";
export { type ThreadReport, threads, together, useThreads } from "./threads.ts";
export { type KernelLevel, kernelLevel } from "./wasm.ts";
