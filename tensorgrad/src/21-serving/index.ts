/** Module 21: from a trained model to a service. Needs Node. */
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
