/** Export of ONNX models: the only folder that knows the file format. It may import any module; none imports it. */
export { type ArrayValue, arrayOf, dataTypes, type OnnxDType } from "./data-types.ts";
export { type ExportOptions, exportOnnx } from "./export.ts";
export type { Message, MessageDraft, MessageName } from "./schema.ts";
export type { Model, TensorFunction } from "./trace.ts";
export { decodeModel, encodeModel } from "./wire.ts";
