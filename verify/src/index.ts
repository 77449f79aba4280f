/**
 * verify: why anyone should believe these gradients.
 *
 * For your own functions: `checkGradients(fn, [tensors({ shape }), …])` in any test, `parity(model, inputs)` for exports.
 */

// gradients of one's own functions
export { broadcastable, type TensorsOptions, tensors } from "./arbitraries.ts";
// the table of proofs
export type { Case, OnnxParity } from "./case.ts";
export { cases } from "./cases.ts";
export {
  anywhere,
  awayFrom,
  between,
  bits,
  type Domain,
  distinct,
  indicesBelow,
  offGrid,
  offSteps,
  positive,
  unit,
} from "./domains.ts";
export { type CheckOptions, type CheckResult, checkGradients, type Failure } from "./gradients.ts";
// exported models in ONNX Runtime
export { type OnnxInputs, type OnnxOptions, OnnxSession, runOnnx } from "./onnx-runtime.ts";
export { type ParityOptions, type ParityReport, parity } from "./parity.ts";
export { type DifferenceParity, differenceParity } from "./parity-differences.ts";
export { type GradientParity, gradientParity } from "./parity-gradients.ts";
export { type OperationParity, operationParity } from "./parity-operation.ts";
export { type RandomModelParity, randomModelParity } from "./parity-random.ts";
export { type TrainingParity, trainingStepParity } from "./parity-training.ts";
// derivatives of plain functions of one variable
export { type Curve, type Derivative, derivative, type Sample } from "./ridders.ts";
export { broadcastableShapes, dimOf, type ShapeLimits, shapes, someDims } from "./shapes.ts";
