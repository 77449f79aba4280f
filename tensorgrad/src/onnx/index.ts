/** Export and import of ONNX models: the only folder that knows the file format. It may import any module; none imports it. */

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
// The steps of exportOnnx, for who wants to look inside: record a call, name its values, write the graph.
export { type EmitOptions, emit, type Recorded } from "./export/emit.ts";
export { type ExportOptions, exportOnnx } from "./export/export.ts";
export type { ExternalData, Placer } from "./export/external.ts";
export { exposeAll, type Graph, modelOf, type NamedNode } from "./export/graph.ts";
export { type Model, type TensorFunction, type TraceOptions, trace } from "./export/trace.ts";
export { type ArrayValue, arrayOf, dataTypes, type OnnxDType } from "./format/data-types.ts";
export { type ElementName, elementTypes, type HostData } from "./format/element-types.ts";
export type { Message, MessageDraft, MessageName } from "./format/schema.ts";
export type { HostArray } from "./format/tensor-proto.ts";
export { decodeModel, encodeModel } from "./format/wire.ts";
export type { Declared } from "./import/declared.ts";
export { type ImportOptions, importOnnx } from "./import/import.ts";
export { ImportedModel, type OnnxInput } from "./import/imported-model.ts";
export { operators, opsets } from "./import/operators.ts";
export { decodeValue, type ValueKind } from "./import/value-file.ts";
export type { Sequence, Value } from "./import/values.ts";
export { type GradientOptions, type Objective, traceGradients } from "./training/trace-gradients.ts";
export {
  type AnyOptimizer,
  traceTrainingStep,
  trainingMasks,
  trainingState,
} from "./training/trace-training-step.ts";
