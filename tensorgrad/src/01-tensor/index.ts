/** Module 01: tensors, their operations, and the record of how they were made. */
export {
  arange,
  eye,
  fromArray,
  full,
  linspace,
  ones,
  onesLike,
  type RandomOptions,
  rand,
  randint,
  randn,
  randperm,
  tensor,
  zeros,
  zerosLike,
} from "./create.ts";
export {
  Function,
  float,
  type Gradient,
  hasNaN,
  int64s,
  isRecording,
  isRecordingAll,
  node,
  type OnnxAttribute,
  type OnnxConstant,
  type OnnxNode,
  type OnnxOperand,
  recordAll,
  setRecording,
  setWatching,
  withRecording,
} from "./function.ts";
export * as functions from "./functions.ts";
export { isTensor, type Other } from "./operands.ts";
export { einsum } from "./ops/einsum.ts";
export { multiplyInto } from "./ops/matmul.ts";
export type { PadMode } from "./ops/pad.ts";
export { addInto, copyInto, fillWith } from "./ops/view.ts";
export { cat, stack } from "./ops/views.ts";
export type { TensorData } from "./parse.ts";
export {
  broadcastShapes,
  broadcastsTo,
  normalDim,
  type Shape,
  sameShape,
  sizeOf,
  stretchedDims,
} from "./shape.ts";
export { emptyLayout, Layout } from "./strided.ts";
export { Tensor, type TensorOptions } from "./tensor.ts";
