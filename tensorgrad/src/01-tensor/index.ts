/** Module 01: tensors, their operations, and the record of how they were made. */

export { autocastDtype, setAutocast, widened } from "./autocast.ts";
export type { ObservedOperation } from "./function.ts";
export * as functions from "./functions.ts";
export { narrowed } from "./halves.ts";
export { callSite, hasNaN, isSearching, watchForNaN } from "./nan-watch.ts";
export * from "./onnx-words.ts";
export { expectTensor, expectTensors, isTensor, type Other } from "./operands.ts";
export { rectify } from "./ops/pointwise/rectify.ts";
export { gemm, multiplyInto } from "./ops/products/matmul.ts";
export { addInto, alike, copyInto, fillWith } from "./ops/shape/copy.ts";
export type { PadMode } from "./ops/shape/pad.ts";
export { upright } from "./planes.ts";
export * from "./public.ts";
export { checking, observingReads, unobserved } from "./reads.ts";
export * from "./recording.ts";
export type { RunningRule } from "./running-rule.ts";
export {
  broadcastShapes,
  broadcastsTo,
  normalDim,
  sameShape,
  sizeOf,
  stretchedDims,
  stridesOf,
} from "./shape.ts";
export { emptyLayout, Layout } from "./strided.ts";
export { operationsBehind, topologicalOrder } from "./topological.ts";
