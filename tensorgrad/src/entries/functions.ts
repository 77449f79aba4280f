/** `tensorgrad/functions`: every Function class of the library, how operations speak ONNX, and their order in a graph: what a table of proofs must cover. */
export { Function } from "../01-tensor/function.ts";
export * as tensors from "../01-tensor/functions.ts";
export * from "../01-tensor/onnx-words.ts";
export * from "../01-tensor/topological.ts";
export * as activations from "../02-activations/functions.ts";
export * as layers from "../03-layers/functions.ts";
export * as losses from "../04-losses/functions.ts";
export * as spatial from "../09-spatial/functions.ts";
export * as embeddings from "../11-embeddings/functions.ts";
export * as attention from "../12-attention/functions.ts";
export * as transformers from "../13-transformers/functions.ts";
export * as quantization from "../17-quantization/functions.ts";
export * as recurrent from "../20-recurrent/functions.ts";
