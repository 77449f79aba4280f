/**
 * gradverify: why anyone should believe these gradients.
 *
 * For your own functions: `checkGradients(fn, [tensors({ shape }), …])` in any test, `parity(model, inputs)` for exports.
 */

export { type CheckOptions, type CheckResult, checkGradients, type Failure } from "./gradients/gradients.ts";
export type { PlainFunction } from "./gradients/plain.ts";
export { type FileNode, type FileParity, type FileParityOptions, fileParity } from "./onnx/file-parity.ts";
export { type DifferenceParity, differenceParity } from "./parity/differences.ts";
export { type GradientParity, gradientParity } from "./parity/gradients.ts";
// exported models in ONNX Runtime
export { type OnnxInputs, type OnnxOptions, OnnxSession, runOnnx } from "./parity/onnx-runtime.ts";
export { type OperationParity, operationParity } from "./parity/operation.ts";
export { type ParityOptions, type ParityReport, parity } from "./parity/parity.ts";
export { type RandomModelParity, randomModelParity } from "./parity/random.ts";
// the scalar engine in ONNX Runtime
export {
  mlpPoints,
  parametersOf,
  type ScalarParity,
  type ScalarPoint,
  scalarParity,
} from "./parity/scalar.ts";
export { checkScalarCase, type ScalarResult, scalarCases } from "./parity/scalar-cases.ts";
export { exportScalars, type ScalarExportOptions } from "./parity/scalar-export.ts";
export { type ScalarTrainingParity, scalarTrainingParity } from "./parity/scalar-training.ts";
export { type TrainingParity, trainingStepParity } from "./parity/training.ts";
// the table of proofs
export type { Case, OnnxParity } from "./table/case.ts";
export { cases } from "./table/cases.ts";
// gradients of one's own functions
export { broadcastable, type TensorsOptions, tensors } from "./table/inputs/arbitraries.ts";
export * from "./table/inputs/domains.ts";
export { broadcastableShapes, dimOf, type ShapeLimits, shapes, someDims } from "./table/inputs/shapes.ts";
