/** Every Function class of the library: what a table of proofs must cover, and how operations speak ONNX. */
export {
  Function,
  float,
  int64s,
  node,
  type OnnxAttribute,
  type OnnxConstant,
  type OnnxNode,
  type OnnxOperand,
} from "./01-tensor/function.ts";
export * as tensors from "./01-tensor/functions.ts";
export * as activations from "./02-activations/functions.ts";
export * as layers from "./03-layers/functions.ts";
export * as losses from "./04-losses/functions.ts";
export * as spatial from "./09-spatial/functions.ts";
export * as transformers from "./13-transformers/functions.ts";
