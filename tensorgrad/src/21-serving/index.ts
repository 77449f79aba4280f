/** Module 21: from a trained model to a service. Needs Node. */
export { Batcher, type BatcherOptions, type BatchLimits } from "./batching/batcher.ts";
export { importedModel } from "./engines/imported.ts";
export type { Servable } from "./engines/load.ts";
export { type ModuleModelOptions, moduleModel } from "./engines/module.ts";
export { type OnnxRuntimeOptions, onnxRuntimeModel } from "./engines/onnx-runtime.ts";
export { Refusal } from "./refusal.ts";
export type { ServeOptions } from "./server/options.ts";
export { serve } from "./server/serve.ts";
export type {
  Answer,
  InferOptions,
  ModelSchema,
  ModelSlot,
  RequestEvent,
  ResponseEvent,
  RouteEvent,
  Routes,
  ServedModel,
  Server,
  ServingHooks,
  TensorMap,
  TensorSpec,
} from "./types.ts";
