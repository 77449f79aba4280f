/** Module 00: memory, kernels, randomness and errors, on which everything else stands. */
export { type BlasReport, blas, blasBase, onBlasWarning, useBlas } from "./blas/blas.ts";
export { builtinModules } from "./builtin.ts";
export { brand, isOfOtherCopy, refuseOtherCopy } from "./copy.ts";
export { bytesPerElement, dtypeOfArray, isDType, isFloat, promote, type TypedArray } from "./dtype.ts";
export { show, showBytes, ThreadError } from "./errors.ts";
export { extentOf } from "./extent.ts";
export { DEEPEST, endOfString, parseJson } from "./files/json.ts";
export { type KernelChoice, kernelChoice, kernels, type Operand, useKernels } from "./kernels.ts";
export { type Arena, arena, currentArena, own } from "./memory/arena.ts";
export { collect } from "./memory/collector.ts";
export type { Allocation } from "./memory/heap.ts";
export { Storage } from "./memory/storage.ts";
export type { Product } from "./product.ts";
export * from "./public.ts";
export { inOrder, together } from "./threads/share.ts";
export { type ThreadReport, threads, useThreads } from "./threads/threads.ts";
export { finished, markTurn, onTurnEnd } from "./turn.ts";
export { type KernelLevel, kernelLevel } from "./wasm.ts";
