/** Module 00: memory, kernels, randomness and errors, on which everything else stands. */
export { type BlasReport, blas, blasBase, onBlasWarning, useBlas } from "./blas/blas.ts";
export { CORETYPE, isNarrow, widestCore } from "./blas/core-type.ts";
export { loadKoffi } from "./blas/library.ts";
export { builtinModules } from "./builtin.ts";
export { can, checked, expectArgument, expectBytes, expectPath, hint, isList } from "./checked.ts";
export { choices } from "./choices.ts";
export { brand, isOfOtherCopy, refuseOtherCopy } from "./copy.ts";
export {
  bytesPerElement,
  dtypeOfArray,
  isDType,
  isFloat,
  promote,
  type TypedArray,
  viewOf,
} from "./dtype.ts";
export { show, showBytes, ThreadError } from "./errors.ts";
export { extentOf } from "./extent.ts";
export { DEEPEST, endOfString, parseJson } from "./files/json.ts";
export { decode, encode, type Half, halfBits, halfValue, isHalf } from "./half.ts";
export {
  type BoundCall,
  type KernelCall,
  type KernelChoice,
  kernelChoice,
  kernels,
  type Operand,
  useKernels,
} from "./kernels.ts";
export { median, quantile } from "./median.ts";
export { type Arena, arena, currentArena, give } from "./memory/arena.ts";
export { collect } from "./memory/collector.ts";
export type { Allocation } from "./memory/heap.ts";
export { type Part, Storage } from "./memory/storage.ts";
export { type Activity, listen, type Observer, observed, observer, observing } from "./observer.ts";
export { counted, INSPECT, listed, Printed, settings, written } from "./printed.ts";
export type { Product } from "./product.ts";
export * from "./public.ts";
export { toEven } from "./round.ts";
export { erfc } from "./special.ts";
export type { Division } from "./split.ts";
export {
  decided,
  type Held,
  listenToKernels,
  repeated,
  type Tape,
  tape,
  unrecorded,
} from "./tape.ts";
export { inOrder, runDivided, together } from "./threads/share.ts";
export { type ThreadReport, threads, useThreads } from "./threads/threads.ts";
export { finished, markTurn, onTurnEnd } from "./turn.ts";
export { type KernelLevel, kernelLevel } from "./wasm.ts";
