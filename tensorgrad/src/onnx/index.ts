/** Export of ONNX models: the only folder that knows the file format. It may import any module; none imports it. */

// The words in which an operation of one's own says what it is in ONNX: `override onnx() { return node("Erf"); }`.
export {
  float,
  int64s,
  node,
  type OnnxAttribute,
  type OnnxConstant,
  type OnnxNode,
  type OnnxOperand,
} from "../01-tensor/index.ts";
export { type ArrayValue, arrayOf, dataTypes, type OnnxDType } from "./data-types.ts";
// The steps of exportOnnx, for who wants to look inside: record a call, name its values, write the graph.
export { type EmitOptions, emit, type Recorded } from "./emit.ts";
export { type ExportOptions, exportOnnx } from "./export.ts";
export { exposeAll, type Graph, type GraphNode, modelOf } from "./graph.ts";
export type { Message, MessageDraft, MessageName } from "./schema.ts";
export { topological } from "./topological.ts";
export { type Model, type TensorFunction, type TraceOptions, trace } from "./trace.ts";
export { type GradientOptions, type Loss, traceGradients } from "./trace-gradients.ts";
export { type AnyOptimizer, traceTrainingStep, trainingMasks, trainingState } from "./trace-training-step.ts";
export { decodeModel, encodeModel } from "./wire.ts";
